// The programs that cannot be fetched by the build itself. Each missing one is one line that says how to get it.

import { isOnPath } from "./command.mjs";

const programs = [
  { anyOf: ["cc", "gcc"], what: "a C compiler (cc or gcc)", packages: "gcc libc6-dev" },
  { anyOf: ["make"], what: "make", packages: "make" },
  { anyOf: ["cmake"], what: "cmake 3.18 or later", packages: "cmake" },
  { anyOf: ["npm"], what: "npm", packages: "npm" },
];

/** One line for each program that is missing; none when the build can begin. */
export function missingPrograms() {
  return programs
    .filter(({ anyOf }) => !anyOf.some(isOnPath))
    .map(
      ({ what, packages }) => `Cannot build LughOS: wanted ${what}, found none; cure: sudo apt-get install ${packages}`,
    );
}
