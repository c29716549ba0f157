// A version without `migrate`, whose state is of another schema: it cannot take over.

import { defineService } from "lughos";

export default defineService({ version: "3.0.0", stateSchema: 3, receive: { sum: () => ({ version: 3, total: 0 }) } });
