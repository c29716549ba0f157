// Version 8 of the meter: its state nested.

import { meter } from "firmware/bench/meter";

export default meter({ version: "8.0.0", schema: 8, answer: (taken) => taken * 2, isExtended: true });
