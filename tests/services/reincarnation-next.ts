// The reincarnation server under another name: what it is replaced by where a test replaces it.

import reincarnation from "services/reincarnation/service";

export default reincarnation;
