/** A browser's window, as far as the client uses one. */
import type { WebElement, WebLike } from "../../client/src/web/web.ts";

class FakeElement implements WebElement {
  textContent: string | null = null;
  onclick: (() => void) | null = null;
  readonly children: FakeElement[] = [];
  isRemoved = false;
  readonly attributes = new Map<string, string>();

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }

  append(...children: WebElement[]): void {
    for (const child of children) if (child instanceof FakeElement) this.children.push(child);
  }

  remove(): void {
    this.isRemoved = true;
  }

  all(): FakeElement[] {
    return this.isRemoved ? [] : [this, ...this.children.flatMap((child) => child.all())];
  }
}

export class FakeWindow implements WebLike {
  readonly location = { href: "", search: "" };
  readonly #stored = new Map<string, string>();
  readonly #listeners: [type: string, call: (event: { persisted?: boolean }) => void][] = [];
  readonly localStorage: WebLike["localStorage"] = {
    getItem: (key) => this.#stored.get(key) ?? null,
    setItem: (key, value) => void this.#stored.set(key, value),
    removeItem: (key) => void this.#stored.delete(key),
  };
  readonly #body = new FakeElement();
  readonly document: WebLike["document"] = {
    visibilityState: "visible",
    body: this.#body,
    createElement: () => new FakeElement(),
    addEventListener: (type, call) => void this.#listeners.push([type, call]),
  };

  fetch: WebLike["fetch"] = (url, init) => fetch(url, init);

  confirm = (): boolean => true;

  addEventListener(type: string, call: (event: { persisted?: boolean }) => void): void {
    this.#listeners.push([type, call]);
  }

  fire(type: string, event: { persisted?: boolean } = {}): void {
    for (const [each, call] of this.#listeners) if (each === type) call(event);
  }

  /** A button of the page. */
  button = (text: string): FakeElement | undefined =>
    this.#body.all().find((each) => each.textContent === text);
}
