// Half of the simulated seeds; suite.ts says how they are run.
import { simulationSuite } from "./suite.ts";

simulationSuite(1);
