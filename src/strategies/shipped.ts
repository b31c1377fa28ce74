// The strategies that come with AlphaPulse, by the name the command line knows them under.
import { strategy as breakout } from "./breakout.ts";
import type { StrategyFactory } from "./strategy.ts";

/** Every shipped strategy; names are unique. */
export const SHIPPED: readonly StrategyFactory[] = [breakout];

/** The shipped strategy of that name, undefined when there is none. */
export function shippedStrategy(name: string): StrategyFactory | undefined {
  return SHIPPED.find((factory) => factory.name === name);
}
