// All rules of the house that a machine can judge, in the order in which they are told.

import { checkAmbient } from "tools/tidy/ambient";
import { checkBarrels } from "tools/tidy/barrels";
import { checkCircles } from "tools/tidy/circles";
import { checkImportLaw } from "tools/tidy/import-law";
import { checkKernelSize } from "tools/tidy/line-count";
import { checkLockFile } from "tools/tidy/lock-file";
import { checkManifest } from "tools/tidy/manifest";
import { checkFileNames, checkNames } from "tools/tidy/names";
import { checkPreload } from "tools/tidy/preload";
import type { Project, Rule, Violation } from "tools/tidy/project";
import { checkAny, checkErasable, checkSilenced, checkSkippedTests, checkSwallowed } from "tools/tidy/syntax";
import { checkMachinePaths, checkMarkers, checkOpenings } from "tools/tidy/words";

const rules: readonly Rule[] = [
  checkImportLaw,
  checkBarrels,
  checkCircles,
  checkManifest,
  checkLockFile,
  checkKernelSize,
  checkPreload,
  checkAmbient,
  checkAny,
  checkErasable,
  checkSwallowed,
  checkSilenced,
  checkSkippedTests,
  checkFileNames,
  checkNames,
  checkOpenings,
  checkMarkers,
  checkMachinePaths,
];

export function checkAll(project: Project): Violation[] {
  return rules.flatMap((rule) => rule(project));
}
