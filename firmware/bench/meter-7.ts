// Version 7 of the meter: its protocol extended by a message.

import { meter } from "firmware/bench/meter";

export default meter({ version: "7.0.0", schema: 7, answer: (taken) => taken * 2, isExtended: true });
