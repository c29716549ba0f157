// Strings: doubling, repeating, searching for what is nearly there, and passes over one that fills the machine.
// biome-ignore-all lint: they do on purpose what nobody should
import { always, room, text } from "hostile/room";

const half = () => text(room(1 / 6));
const nearly = (bytes) => `${text(bytes)}b`;

/** A dense array of so many pieces. */
const pieces = (count, piece) => new Array(count).fill(piece);

export default {
  growth: {
    doubling() {
      let all = "x";
      for (;;) all += all;
    },
    appending() {
      let all = "";
      for (;;) all += "0123456789abcdef";
    },
    prepending() {
      let all = "";
      for (;;) all = `0123456789abcdef0123456789abcdef${all}`;
    },
    padEnd: () => "x".padEnd(2 ** 30, "ab"),
    padStart: () => "x".padStart(2 ** 31 - 1, "ab"),
    replaceAmplify() {
      let all = "aa";
      for (;;) all = all.replaceAll("a", "aa");
    },
    replaceEmpty: () => text(room(1 / 8)).replaceAll("", text(room(1 / 8))),
    replacePattern() {
      let all = "ab";
      for (;;) all = all.replace("a", "$`$&$'$&$`$'");
    },
    joinAmplify: () => pieces(room(1 / 200), text(room(1 / 8))).join(text(room(1 / 8))),
    concatAmplify() {
      let all = "abc";
      for (;;) all = all.concat(all, all, all, all);
    },
    splitAll: () => text(room(1 / 6)).split(""),
    spreadAll: () => [...text(room(1 / 6))],
    keepSlices() {
      const long = half();
      const all = [];
      for (let i = 0; ; i++) all.push(long.slice(i % 100));
    },
    upperAmplify() {
      let all = "ŉﬃ";
      for (;;) all = (all + all).toUpperCase();
    },
    escapeAmplify() {
      let all = "é%";
      for (;;) all = escape(all + all);
    },
    encodeAmplify() {
      let all = "é%";
      for (;;) all = encodeURIComponent(all + all);
    },
    normalizeAmplify() {
      let all = "ﷺ";
      for (;;) all = (all + all).normalize("NFKD");
    },
    rawAmplify: () => String.raw({ raw: pieces(room(1 / 200), text(room(1 / 8))) }, "", ""),
    rawVast: () => String.raw({ raw: { length: 2 ** 31 - 1 } }),
  },
  "out-of-budget": {
    repeatMost: () => "xy".repeat(2 ** 30 - 1),
    repeat: () => "x".repeat(2 ** 30),
    equal() {
      const one = nearly(room(1 / 6));
      const other = nearly(room(1 / 6));
      for (;;) if (one !== other) return;
    },
    almostEqual() {
      const one = `${half()}b`;
      const other = `${half()}c`;
      for (;;) if (one === other) return;
    },
    looselyEqual() {
      const one = `${half()}b`;
      const other = `${half()}c`;
      for (;;) if (one == other) return;
    },
    sameValue() {
      const one = `${half()}b`;
      const other = `${half()}c`;
      for (;;) if (Object.is(one, other)) return;
    },
    less() {
      const one = `${half()}b`;
      const other = `${half()}c`;
      for (;;) if (one > other) return;
    },
    localeCompare() {
      const one = `${half()}b`;
      const other = `${half()}c`;
      for (;;) if (one.localeCompare(other) > 0) return;
    },
    switchOnLong() {
      const one = `${half()}b`;
      const other = `${half()}c`;
      for (;;) {
        switch (one) {
          case other:
            return;
        }
      }
    },
    indexOfNearly() {
      const all = text(room(1 / 3));
      const wanted = nearly(room(1 / 6));
      for (;;) if (all.indexOf(wanted) >= 0) return;
    },
    lastIndexOfNearly() {
      const all = text(room(1 / 3));
      const wanted = nearly(room(1 / 6));
      for (;;) if (all.lastIndexOf(wanted) >= 0) return;
    },
    includesNearly() {
      const all = text(room(1 / 3));
      const wanted = nearly(room(1 / 6));
      for (;;) if (all.includes(wanted)) return;
    },
    splitNearly() {
      const all = text(room(1 / 3));
      const wanted = nearly(room(1 / 6));
      for (;;) all.split(wanted);
    },
    replaceNearly() {
      const all = text(room(1 / 3));
      const wanted = nearly(room(1 / 6));
      for (;;) all.replace(wanted, "");
    },
    replaceAllNearly() {
      const all = text(room(1 / 3));
      const wanted = nearly(room(1 / 6));
      for (;;) all.replaceAll(wanted, "");
    },
    endsWithLong() {
      const all = half();
      for (;;) if (!all.endsWith(all)) return;
    },
    startsWithLong() {
      const all = half();
      for (;;) if (!all.startsWith(all)) return;
    },
    length() {
      const all = half();
      for (;;) if (all.length === 1) return;
    },
    charAtEnd() {
      const all = half();
      const last = all.length - 1;
      for (;;) if (all[last] === "b") return;
    },
    codePointAtEnd() {
      const all = half();
      const last = all.length - 1;
      for (;;) if (all.codePointAt(last) === 1) return;
    },
    sliceEnd() {
      const all = half();
      for (;;) if (all.slice(-1) === "b") return;
    },
    walkByIndex() {
      const all = half();
      for (;;) for (let i = 0; i < all.length; i++) if (all.charCodeAt(i) === 1) return;
    },
    iterateAgain() {
      const all = text(room(1 / 64));
      for (;;) for (const letter of all) if (letter === "b") return;
    },
    sigmas() {
      const all = `A${text(room(1 / 32), "Σ")}`;
      for (;;) all.toLowerCase();
    },
    trimSpaces() {
      const all = text(room(1 / 6), " ");
      for (;;) if (all.trim() !== "") return;
    },
    trimBetween() {
      const all = `${text(room(1 / 16), " ")}x${text(room(1 / 16), " ")}`;
      for (;;) if (all.trim() !== "x") return;
    },
    upper() {
      const all = half();
      for (;;) all.toUpperCase();
    },
    lower() {
      const all = text(room(1 / 8), "É");
      for (;;) all.toLowerCase();
    },
    normalizeMarks() {
      const all = `a${text(room(1 / 96), "\u0316\u0301")}`;
      for (;;) all.normalize("NFD");
    },
    normalizeMarksComposed() {
      const all = `a${text(room(1 / 96), "\u0301\u0316")}`;
      for (;;) all.normalize("NFC");
    },
    normalizeHangul() {
      const all = text(room(1 / 256), "각");
      for (;;) all.normalize("NFC");
    },
    repeatEmpty() {
      for (;;) "".repeat(2 ** 31 - 1);
    },
    fromCharCodes() {
      const codes = pieces(100, 0x4e00);
      for (;;) String.fromCharCode(...codes);
    },
    concatMany() {
      const parts = pieces(100, text(room(1 / 1000)));
      for (;;) "".concat(...parts);
    },
    encodeAgain() {
      const all = text(room(1 / 16), "é");
      for (;;) encodeURIComponent(all);
    },
    decodeAgain() {
      const all = text(room(1 / 16), "%C3%A9");
      for (;;) decodeURIComponent(all);
    },
    unescapeAgain() {
      const all = text(room(1 / 16), "%u00e9");
      for (;;) unescape(all);
    },
    parseIntLong() {
      const all = text(room(1 / 6), "9");
      for (;;) Number.parseInt(all, 10);
    },
    parseIntLongBinary() {
      const all = text(room(1 / 6), "1");
      for (;;) Number.parseInt(all, 2);
    },
    parseFloatLong() {
      const all = text(room(1 / 6), "9");
      for (;;) Number.parseFloat(all);
    },
    numberLong() {
      const all = `0.${text(room(1 / 6), "1234567890")}`;
      for (;;) Number(all);
    },
    numberSpaces() {
      const all = text(room(1 / 6), " ");
      for (;;) Number(all);
    },
    indexLong() {
      const list = [1];
      const all = text(room(1 / 6), "1");
      for (;;) list[all];
    },
    keyLong() {
      const object = {};
      const all = text(room(1 / 6), "k");
      for (;;) object[all];
    },
    searchAgain() {
      const all = text(room(1 / 16));
      for (;;) if (all.search("b") >= 0) return;
    },
    templateAgain() {
      const all = half();
      for (;;) if (`${all}x`.length === 0) return;
    },
    joinPieces: () => {
      const list = pieces(100, text(room(1 / 1000)));
      return always(() => list.join("-"));
    },
    padAgain: () => always(() => "x".padEnd(room(1 / 6), "ab")),
    atAgain() {
      const all = text(room(1 / 6), "é");
      for (;;) if (all.at(-1) === "b") return;
    },
    surrogates() {
      const all = text(room(1 / 6), "😀");
      for (;;) if (all.codePointAt(all.length - 2) === 1) return;
    },
  },
};
