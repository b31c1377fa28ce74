// The simulated venue in the scenario pack of venues.
import { SimulatedVenue } from "../../../src/venues/simulated-venue.ts";
import { venueContract } from "../../contract/venue-scenarios.ts";

const isDeep = process.env["ALPHAPULSE_DEEP"] === "1";

venueContract("the simulated venue", {
  make: (id, habits, draw, sink, numbersFrom) =>
    new SimulatedVenue(id, habits, draw, sink, numbersFrom),
  schedules: isDeep ? 1_000_000 : 100_000,
});
