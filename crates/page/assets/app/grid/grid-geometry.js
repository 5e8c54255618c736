/** Height at the window's edge, in pixels, within which a drag scrolls; and pixels per frame that it then does at most. */
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
    const head = this.root.firstElementChild.getBoundingClientRect();
    const top = Math.max(0, head.bottom);
    if (y < top + SCROLL_EDGE) return -Math.ceil(FASTEST_SCROLL * Math.min(1, (top + SCROLL_EDGE - y) / SCROLL_EDGE));
    if (y > innerHeight - SCROLL_EDGE) return Math.ceil(FASTEST_SCROLL * Math.min(1, (y - innerHeight + SCROLL_EDGE) / SCROLL_EDGE));
    return 0;
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
