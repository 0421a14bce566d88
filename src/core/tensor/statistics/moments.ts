/** Count, mean and sum of squared distances from the mean, put together from parts without losing digits. */
export class Moments {
  count = 0;
  mean = 0;
  private squares = 0;

  /** Adds a part; `squares` are about the part's own mean. */
  add(count: number, mean: number, squares: number): void {
    if (count === 0) {
      return;
    }
    const total = this.count + count;
    const apart = mean - this.mean;
    this.squares += squares + apart * apart * ((this.count * count) / total);
    this.mean += apart * (count / total);
    this.count = total;
  }

  /** Of the values themselves, not of a population that they were drawn from; NaN when there are none. */
  get std(): number {
    return Math.sqrt(this.squares / this.count);
  }

  /** Root of the mean square. */
  get size(): number {
    return Math.sqrt(this.squares / this.count + this.mean * this.mean);
  }
}
