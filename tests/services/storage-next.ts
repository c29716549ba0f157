// The storage service under another name: what it is replaced by where a test replaces it.

import storage from "services/storage/service";

export default storage;
