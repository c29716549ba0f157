// A journal with a planted bug: what stood open when the power failed stays open.

import { defineService } from "lughos";
import journal from "services/journal/service";

export default defineService({ ...journal, start: (context) => journal.start?.(context, {}) });
