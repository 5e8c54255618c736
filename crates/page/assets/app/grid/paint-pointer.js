/**
 * Mouse, finger and pen on a grid. Where drags paint, a drag goes from its first cell to the one under the pointer; Escape
 * and a cancelled pointer take it back, and near the window's edges it scrolls. Where they do not, the browser scrolls, and
 * taps paint.
 */
export class PaintPointer {
  /**
   * @param {import("./grid-table.js").GridTable} table
   * @param {import("./rectangle-painter.js").RectanglePainter} painter in which `begin` of the owner begins a rectangle
   * @param {{begin: (position: number, isExtended: boolean) => boolean, keep: () => void,
   *   revert: () => void, tap: (position: number) => void, hover: (position: number) => void,
   *   tapHead: (column: number) => void, tapTime: (row: number) => void}} owner `begin` returns whether a drag may start here
   */
  constructor(table, painter, owner) {
    this.table = table;
    this.painter = painter;
    this.owner = owner;
    this.drags = true;
    this.pointer = null;
    this.hadCell = false;
    const { root } = table;
    root.addEventListener("pointerdown", (event) => this.#onDown(event));
    root.addEventListener("pointermove", (event) => this.#onMove(event));
    root.addEventListener("pointerup", (event) => this.#isOwn(event) && this.#end("keep"));
    root.addEventListener("pointercancel", (event) => this.#isOwn(event) && this.#end("revert"));
    root.addEventListener("lostpointercapture", (event) => this.#isOwn(event) && this.#end("revert"));
    root.addEventListener("click", (event) => this.#onClick(event));
    this.onEscape = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#end("revert");
    };
  }

  #isOwn(event) {
    return this.pointer !== null && event.pointerId === this.pointer.id;
  }

  #onDown(event) {
    if (event.button !== 0 || this.pointer) return;
    const { position } = this.#cellAt(event);
    // A drag that ends on a header is no click on it.
    this.hadCell = position >= 0;
    if (!this.drags) return;
    if (position < 0 || !this.owner.begin(position, event.shiftKey)) return;
    this.pointer = { id: event.pointerId, x: event.clientX, y: event.clientY };
    this.table.root.setPointerCapture(event.pointerId);
    document.addEventListener("keydown", this.onEscape, true);
    this.#scrollAtEdges();
  }

  #onMove(event) {
    if (this.#isOwn(event)) {
      [this.pointer.x, this.pointer.y] = [event.clientX, event.clientY];
      this.#stretch();
    } else if (!this.drags && event.pointerType === "mouse") this.owner.hover(this.#cellAt(event).position);
  }

  #stretch() {
    const { column, row } = this.table.geometry.locate(this.pointer.x, this.pointer.y);
    this.painter.stretch(row * this.table.view.columns + column);
  }

  #scrollAtEdges() {
    const step = () => {
      if (!this.pointer) return;
      // Only once the pointer has left the cell where it started: a click near the edge scrolls nothing.
      const distance = this.painter.isStretched ? this.table.geometry.scrollStep(this.pointer.y) : 0;
      const before = scrollY;
      if (distance) scrollBy(0, distance);
      if (scrollY !== before) this.#stretch();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** Takes a drag back, if there is one. */
  cancel() {
    this.#end("revert");
  }

  #end(how) {
    if (!this.pointer) return;
    const { id } = this.pointer;
    this.pointer = null;
    document.removeEventListener("keydown", this.onEscape, true);
    if (this.table.root.hasPointerCapture(id)) this.table.root.releasePointerCapture(id);
    this.owner[how]();
  }

  #onClick(event) {
    const { position, isInHead, column, row, isInColumn, isInRow } = this.#cellAt(event);
    if (position >= 0) {
      if (!this.drags) this.owner.tap(position);
    } else if (this.hadCell) return;
    else if (isInHead && isInColumn) this.owner.tapHead(column);
    else if (isInRow && !isInColumn) this.owner.tapTime(row);
  }

  #cellAt(event) {
    const place = this.table.geometry.locate(event.clientX, event.clientY);
    const isCell = place.isInColumn && place.isInRow;
    return { ...place, position: isCell ? place.row * this.table.view.columns + place.column : -1 };
  }
}
