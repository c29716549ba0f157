// Version 3 of the meter: one field of its state split into two.

import { meter } from "firmware/bench/meter";

export default meter({ version: "3.0.0", schema: 3, answer: (taken) => taken });
