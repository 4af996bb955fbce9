/**
 * What is to be told once the protocol has returned: whoever hears it may call the protocol again.
 *
 * @module
 */

/** News, told in the order in which they came. */
export class NewsQueue {
  #news: (() => void)[] = [];
  #isTelling = false;

  /** Adds something to be told later. */
  add(tell: () => void): void {
    this.#news.push(tell);
  }

  /** Tells everything, and what comes of that. */
  tellAll(): void {
    if (this.#isTelling || this.#news.length === 0) return;
    this.#isTelling = true;
    try {
      while (this.#news.length > 0) {
        const news = this.#news;
        this.#news = [];
        for (const tell of news) tell();
      }
    } finally {
      this.#isTelling = false;
    }
  }
}
