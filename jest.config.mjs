// Jest runs the TypeScript sources directly; the bare room names resolve as they do under tsc, Node and XS.
export default {
  testEnvironment: "node",
  roots: ["<rootDir>/tests"],
  testMatch: ["**/*.test.ts"],
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
    "^host/(.*)$": "<rootDir>/hosts/xs/$1",
    "^(kernel|services|hosts|firmware|wire|sim|cli|dashboard|tools|tests)/(.*)$": "<rootDir>/$1/$2",
  },
};
