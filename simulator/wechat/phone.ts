/**
 * Who holds the phone: the openid that logged in last. A `user_id_key` of generation 1.0 is bound to nobody, so whoever
 * uses it is this person, unless the control call names another.
 */
export class Phone {
  private openid = "sim-nobody-logged-in";

  /** Someone has logged in. */
  loggedIn(openid: string): void {
    this.openid = openid;
  }

  /** The openid of whoever holds it. */
  holder(): string {
    return this.openid;
  }
}
