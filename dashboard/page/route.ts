// Where the reader is: the fleet, or one node. It stands in the address behind the #, so that a view can be linked,
// kept and gone back to.

/** null: the fleet. */
export type Route = { readonly node: string } | null;

export function linkTo(node: string): string {
  return `#/${node.split("/").map(encodeURIComponent).join("/")}`;
}

/** The route of an address's fragment; one that cannot be decoded is the fleet. */
export function routeOf(fragment: string): Route {
  if (!fragment.startsWith("#/") || fragment.length === 2) return null;
  try {
    return { node: fragment.slice(2).split("/").map(decodeURIComponent).join("/") };
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
