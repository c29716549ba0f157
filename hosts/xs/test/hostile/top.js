// The same programs at the top level of a module that is not preloaded.
import { attack } from "hostile/suite";

export default attack();
