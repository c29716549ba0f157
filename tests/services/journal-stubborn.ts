// A journal with a planted bug: what it has written down it does not take back.

import { defineService } from "lughos";
import journal from "services/journal/service";

export default defineService({ ...journal, receive: { ...journal.receive, abandon: () => ({}) } });
