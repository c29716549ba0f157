// Version 4 of the meter: fields of its state renamed.

import { meter } from "firmware/bench/meter";

export default meter({ version: "4.0.0", schema: 4, answer: (taken) => taken });
