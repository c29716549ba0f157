// The colours of the style sheet, for what is drawn on canvases. They change with the system's light or dark setting.

export interface Colours {
  readonly u1: string;
  readonly u2: string;
  readonly u3: string;
  readonly f: string;
  readonly faint: string;
  readonly grid: string;
  readonly text: string;
  readonly invalid: string;
  readonly bad: string;
}

export interface Theme {
  readonly colours: Colours;
  /** Grows with each change, so that a drawing can tell whether it is out of date. */
  readonly version: number;
}

export function watchTheme(changed: () => void): () => Theme {
  let theme: Theme = { colours: read(), version: 1 };
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    theme = { colours: read(), version: theme.version + 1 };
    changed();
  });
  return () => theme;
}

function read(): Colours {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    u1: colour("line-1"),
    u2: colour("line-2"),
    u3: colour("line-3"),
    f: colour("frequency"),
    faint: colour("faint"),
    grid: colour("grid"),
    text: colour("muted"),
    invalid: colour("invalid"),
    bad: colour("bad"),
  };
}
