/** All rows of one column of a view. */
export const columnRectangle = ({ columns, rows }, column) => new Rectangle(column, column + (rows - 1) * columns, columns);

/** All columns of one row of a view. */
export const rowRectangle = ({ columns }, row) => new Rectangle(row * columns, (row + 1) * columns - 1, columns);

/** Cells of a grid of so many columns, from one corner to the opposite one, both by position. */
export class Rectangle {
  constructor(anchor, opposite, columns) {
    this.anchor = anchor;
    this.opposite = opposite;
    this.columns = columns;
    const [oneColumn, otherColumn] = [anchor % columns, opposite % columns];
    const [oneRow, otherRow] = [Math.floor(anchor / columns), Math.floor(opposite / columns)];
    this.left = Math.min(oneColumn, otherColumn);
    this.right = Math.max(oneColumn, otherColumn);
    this.top = Math.min(oneRow, otherRow);
    this.bottom = Math.max(oneRow, otherRow);
  }

  get first() { return this.top * this.columns + this.left; }
  get last() { return this.bottom * this.columns + this.right; }
  get count() { return (this.right - this.left + 1) * (this.bottom - this.top + 1); }
  get isOneCell() { return this.anchor === this.opposite; }

  contains(position) {
    const column = position % this.columns;
    const row = Math.floor(position / this.columns);
    return column >= this.left && column <= this.right && row >= this.top && row <= this.bottom;
  }

  /** Visits the positions that are not in the other rectangle; all where there is none. */
  forEachOutside(other, visit) {
    for (let row = this.top; row <= this.bottom; row++) {
      for (let column = this.left; column <= this.right; column++) {
        const position = row * this.columns + column;
        if (!other?.contains(position)) visit(position);
      }
    }
  }

  /** The anchor if it is wanted, else the first position that is; undefined when none is. */
  find(isWanted) {
    if (isWanted(this.anchor)) return this.anchor;
    let found;
    this.forEachOutside(null, (position) => { if (found === undefined && isWanted(position)) found = position; });
    return found;
  }
}
