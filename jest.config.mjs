// Jest runs the TypeScript sources directly; the bare room names resolve as they do under tsc, Node and XS.
export default {
  testEnvironment: "node",
  // Tests do not judge speed: only what hangs shall fail, on a busy machine too.
  testTimeout: 30_000,
  roots: ["<rootDir>/tests"],
  // Those that end in .xs.test.ts are services on the engine: tests/xs.test.ts runs them.
  testMatch: ["**/*.test.ts", "!**/*.xs.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/build/"],
  modulePathIgnorePatterns: ["<rootDir>/build/"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "es6" } },
    ],
  },
  moduleNameMapper: {
    "^lughos$": "<rootDir>/services/api/mod",
    "^lughos/testing$": "<rootDir>/services/api/testing",
    "^host/(.*)$": "<rootDir>/hosts/xs/$1",
    "^(kernel|services|hosts|firmware|wire|sim|cli|dashboard|tools|tests)/(.*)$": "<rootDir>/$1/$2",
  },
};
