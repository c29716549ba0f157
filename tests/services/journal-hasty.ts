// A journal with a planted bug: it says that a change was made before the boot record has it, and leaves it at that.

import { defineService } from "lughos";
import type { CommitChange } from "services/api/journal";
import journal from "services/journal/service";

const commit = journal.receive.commit as (change: CommitChange, context: unknown) => unknown;

export default defineService({
  ...journal,
  receive: { ...journal.receive, commit: ({ entry }: CommitChange, context) => commit({ entry }, context) },
});
