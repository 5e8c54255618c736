/** Height at the edge of what is in sight, in pixels, within which a drag scrolls; and pixels per frame that it then does at most. */
const SCROLL_EDGE = 56;
const FASTEST_SCROLL = 18;

/** Where columns and rows of a grid are, measured once, so that the cell under a pointer follows by arithmetic. */
export class GridGeometry {
  constructor(root) {
    this.root = root;
    this.measured = null;
    this.observer = new ResizeObserver(() => this.forget());
    this.observer.observe(root);
  }

  /** To be called when rows or columns have changed. */
  forget() {
    this.measured = null;
  }

  stop() {
    this.observer.disconnect();
  }

  #measure() {
    const [, ...rows] = this.root.children;
    const columns = [...(rows[0]?.children ?? [])].slice(1);
    const span = (start, length) => [start, start + length];
    this.measured = {
      columns: columns.map((cell) => span(cell.offsetLeft, cell.offsetWidth)),
      rows: rows.map((row) => span(row.offsetTop, row.offsetHeight)),
    };
  }

  /**
   * The column and row nearest to a point of the window, and whether the point is within the column's breadth and the
   * row's height. The header that sticks to the window's edge is above all rows.
   */
  locate(x, y) {
    if (!this.measured) this.#measure();
    const box = this.root.getBoundingClientRect();
    const [column, isInColumn] = nearestSpan(this.measured.columns, x - box.left);
    const [row, isInRow] = nearestSpan(this.measured.rows, y - box.top);
    const head = this.root.firstElementChild;
    const isInHead = y < box.top + head.offsetTop + head.offsetHeight && y >= box.top + head.offsetTop;
    return { column, row, isInColumn, isInRow: isInRow && !isInHead, isInHead };
  }

  /** How far a drag at this height of the window scrolls it per frame, in pixels. */
  scrollStep(y) {
    const top = Math.max(0, this.root.firstElementChild.getBoundingClientRect().bottom);
    // On a phone the tools are at the window's lower edge.
    const tools = this.root.closest(".answer-panel")?.querySelector(".grid-tools")?.getBoundingClientRect().top ?? 0;
    const bottom = tools > top ? Math.min(tools, innerHeight) : innerHeight;
    const beyond = Math.max(0, y - bottom + SCROLL_EDGE) - Math.max(0, top + SCROLL_EDGE - y);
    return Math.sign(beyond) * Math.ceil(FASTEST_SCROLL * Math.min(1, Math.abs(beyond) / SCROLL_EDGE));
  }
}

function nearestSpan(spans, at) {
  let nearest = 0;
  let distance = Infinity;
  for (let index = 0; index < spans.length; index++) {
    const [start, end] = spans[index];
    const away = at < start ? start - at : at >= end ? at - end + 1 : 0;
    if (away === 0) return [index, true];
    if (away < distance) [nearest, distance] = [index, away];
  }
  return [nearest, false];
}
