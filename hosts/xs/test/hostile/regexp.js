// Regular expressions: backtracking without end, patterns that are large, and subjects that are long.
// biome-ignore-all lint: they do on purpose what nobody should
import { room, text } from "hostile/room";

const subject = () => `${text(40)}b`;
const long = () => text(room(1 / 8));

export default {
  "out-of-budget": {
    nestedPlus: () => /^(a+)+$/.test(subject()),
    alternatives: () => /^(a|aa)+$/.test(subject()),
    alternativesAlike: () => /^(a|a)*$/.test(subject()),
    lazy: () => /^(a+?)+?$/.test(subject()),
    lookAhead: () => /^(?=(a+)+$)/.test(subject()),
    namedBackReference: () => /^(?<x>a+)+\k<x>$/.test(subject()),
    counted: () => /^(a{1,20}){1,20}$/.test(subject()),
    caseless: () => /^(A+)+$/i.test(subject()),
    unicode: () => /^(\p{L}+)+$/u.test(`${text(40, "é")}1`),
    longSubject() {
      const all = long();
      for (;;) if (/b/.test(all)) return;
    },
    longSubjectSet() {
      const all = long();
      for (;;) if (/[b-z0-9]/.test(all)) return;
    },
    splitAgain() {
      const all = text(room(1 / 128));
      for (;;) all.split(/a/);
    },
    splitEmpty() {
      const all = text(room(1 / 1024));
      for (;;) all.split(/(?:)/);
    },
    replaceAgain() {
      const all = text(room(1 / 128));
      for (;;) all.replace(/a/g, "b");
    },
    replaceEmpty() {
      const all = text(room(1 / 1024));
      for (;;) all.replace(/(?:)/g, "");
    },
    matchAgain() {
      const all = text(room(1 / 1024));
      for (;;) all.match(/a/g);
    },
    matchAllAgain() {
      const all = text(room(1 / 128));
      for (;;) for (const _ of all.matchAll(/a/g));
    },
    sticky() {
      const all = long();
      const pattern = /a/y;
      for (;;) {
        pattern.lastIndex = all.length - 1;
        pattern.test(all);
      }
    },
    lastIndexAtEnd() {
      const all = long();
      const pattern = /a/g;
      for (;;) {
        pattern.lastIndex = all.length - 1;
        pattern.exec(all);
      }
    },
    compileAgain() {
      for (;;) new RegExp("(a|b)*[c-z]{2,5}\\d+");
    },
    compileClass() {
      const pattern = `[${text(Math.min(3000, room(1 / 1024)), "aZ09")}]`;
      for (;;) new RegExp(pattern);
    },
    compileClassCaseless() {
      let pattern = "";
      for (let i = 0; i < Math.min(500, room(1 / 3000)); i++) pattern += String.fromCharCode(0x100 + i * 2);
      for (;;) new RegExp(`[${pattern}]`, "iu");
    },
    compileProperties() {
      for (;;) new RegExp("[\\p{L}\\p{N}\\P{Lu}]", "iu");
    },
    compileGroups() {
      const pattern = text(Math.min(2000, room(1 / 1024)), "()");
      for (;;) new RegExp(pattern);
    },
    groupsAgain() {
      const pattern = new RegExp(text(Math.min(500, room(1 / 500)), "(a)?"));
      const all = text(room(1 / 64), "b");
      for (;;) pattern.test(all);
    },
    manyStarts() {
      const pattern = new RegExp(`${text(Math.min(500, room(1 / 500)), "()")}c`);
      const all = text(room(1 / 64), "b");
      for (;;) pattern.test(all);
    },
    search() {
      const all = long();
      for (;;) if (all.search(/b/) >= 0) return;
    },
  },
  "out-of-memory out-of-budget": {
    toText() {
      const pattern = new RegExp(text(room(1 / 64), "/"));
      for (;;) pattern.toString();
    },
    compileLong() {
      const pattern = text(room(1 / 64));
      for (;;) new RegExp(pattern);
    },
    referenceAgain() {
      const all = text(room(1 / 16));
      for (;;) if (/^(a*)(?:\1)*\1c/.test(all)) return;
    },
    longReference() {
      const all = long();
      for (;;) if (/^(a+)\1c/.test(all)) return;
    },
    polynomialSearch() {
      const all = long();
      for (;;) if (/a*b/.test(all)) return;
    },
    polynomial: () => /a*a*a*a*a*a*b/.test(text(2000)),
    backReference: () => /^(a+)\1+\1+$/.test(`${text(room(1 / 64) | 1)}b`) || /^(a*)*\1$/.test(subject()),
    dots: () => /^(.*)*$/s.test(`${text(40)}\n`) && /(.*)*b$/.test(`${text(40)}c`),
    nestedStar: () => /^(a*)*$/.test(subject()),
    captures: () => /^(?:(a)|(b)|(c)|(d)|a)*$/.test(`${text(2000)}e`),
    manyNames() {
      let pattern = "";
      for (let i = 0; i < room(1 / 200); i++) pattern += `(?<n${i}>a)?`;
      const compiled = new RegExp(pattern);
      for (;;) compiled.exec("a");
    },
    countHuge: () => /^(?:a{0,1000000}){0,1000000}$/.test(`${text(2000)}b`),
    replaceAmplify() {
      let all = "ab";
      for (;;) all = all.replace(/[ab]/g, "$&$&$`");
    },
    classHuge() {
      let pattern = "";
      for (let i = 0; i < room(1 / 50); i++) pattern += String.fromCharCode(0x100 + i * 2);
      for (;;) new RegExp(`[${pattern}]`, "i");
    },
  },
  "stack-overflow out-of-memory out-of-budget threw": {
    patternDeep: () => new RegExp("(".repeat(room(1 / 8)) + ")".repeat(room(1 / 8))),
    patternDeepLook: () => new RegExp("(?=".repeat(room(1 / 16)) + ")".repeat(room(1 / 16))),
  },
  threw: {
    flagsOverridden() {
      const pattern = /a/;
      Object.defineProperty(pattern, "flags", { get: () => "gy" });
      pattern.exec = () => [""];
      return "aaa".match(pattern);
    },
    execOverridden() {
      const pattern = /a/g;
      pattern.exec = () => ({ index: 0, 0: "", length: 1 });
      return "aaa".replace(pattern, "b");
    },
    wrong: () => new RegExp("("),
    wrongFlags: () => new RegExp("a", "zz"),
    countBeyond: () => new RegExp("a{2,1}"),
  },
};
