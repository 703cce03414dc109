// Where the guide speaks of a check; the guide's page gives each check that it names this anchor.

/** `R05.refused` -> `r05-refused`. */
export function anchorOf(checkId: string): string {
  return checkId.toLowerCase().replace('.', '-');
}

export function guideFor(checkId: string): string {
  return `/guide#${anchorOf(checkId)}`;
}
