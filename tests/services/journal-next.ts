// The journal's service under another name: what it is replaced by where a test replaces it.

import journal from "services/journal/service";

export default journal;
