// Classes: private fields that pile up on one object, heritage without end, and accessors that make more.
// biome-ignore-all lint: they do on purpose what nobody should
import { room } from "hostile/room";

/** Stamps one more private field on an object that it did not make. */
function stamper() {
  class Base {
    constructor(object) {
      return object;
    }
  }
  return class extends Base {
    #mark = 1;
    static read(object) {
      return object.#mark;
    }
  };
}

export default {
  growth: {
    stamps() {
      const object = {};
      for (;;) new (stamper())(object);
    },
    instances() {
      const all = [];
      class Wide {
        a = 1;
        b = [];
        #c = {};
        get c() {
          return this.#c;
        }
      }
      for (;;) all.push(new Wide());
    },
    classes() {
      const all = [];
      for (;;)
        all.push(
          class {
            static x = 1;
            method() {}
          },
        );
    },
    heritage() {
      let Base = class {};
      for (;;) Base = class extends Base {};
    },
    bound() {
      let bound = () => 1;
      for (;;) bound = bound.bind(null, 1, 2, 3, 4);
    },
    closures() {
      let chain = null;
      for (;;) {
        const former = chain;
        chain = () => former;
      }
    },
  },
  "out-of-budget": {
    readBehindStamps() {
      const object = {};
      const First = stamper();
      for (let i = 0; i < room(1 / 3000); i++) new (stamper())(object);
      new First(object);
      for (;;) First.read(object);
    },
    make() {
      for (;;)
        void class {
          static #x = 1;
          static y = this.#x;
        };
    },
    instanceOf() {
      class A {}
      class B extends A {}
      const b = new B();
      for (;;) if (!(b instanceof A)) return;
    },
    accessors() {
      class Odd {
        get x() {
          return this.y;
        }
        get y() {
          return 1;
        }
      }
      const odd = new Odd();
      for (;;) odd.x;
    },
    newTarget() {
      function Make() {
        return new.target;
      }
      for (;;) new Make();
    },
    superAgain() {
      class A {
        x() {
          return 1;
        }
      }
      class B extends A {
        x() {
          return super.x();
        }
      }
      const b = new B();
      for (;;) b.x();
    },
  },
  threw: {
    stampTwice() {
      const Stamp = stamper();
      const object = {};
      new Stamp(object);
      new Stamp(object);
    },
    readUnstamped: () => stamper().read({}),
    stampShared: () => new (stamper())(Array.prototype),
    extendNothing: () => class extends null {} && new (class extends null {})(),
    callClass: () => (class {})(),
    uninitialised() {
      class A {}
      class B extends A {
        constructor() {
          this.x = 1;
        }
      }
      return new B();
    },
  },
};
