// Records that come in: what may enter, with which right, and into which ring.
//
// A frame is copied to one aligned scratch, checked as a whole, stamped with who sent it, and only
// then pushed; it enters entirely or not at all. What a client writes into header fields that the
// sequencer or the login own is overwritten, never believed.
//
// tidy: tested by test/src/gateway/server.test.ts
import {
  AMEND_SESSION,
  CANCEL_SESSION,
  CELL_SHIFT,
  Flag,
  FRAME_BYTES_MAX,
  FRAME_HEADER_BYTES,
  FRAME_TYPE,
  Kind,
  MASS_SCOPE,
  MASS_SESSION,
  NEW_FLAGS,
  NEW_SESSION,
  ORDER_ACCOUNT,
  ORDER_TENANT,
  OrderFlag,
  PARENT_SESSION,
  QUERY_CELLS,
  QUERY_SESSION,
  REC_CAUSE,
  REC_FLAGS,
  REC_KIND,
  REC_SEQUENCE,
  Refusal,
  Right,
  Scope,
  SWITCH_ACCOUNT,
  SWITCH_SCOPE,
  SWITCH_TENANT,
} from "../../asm/vocab.ts";
import type { FrameType } from "../../asm/vocab.ts";
import { frameError, recordBytes } from "../protocol.ts";
import type { EngineDoor, RecordRing } from "./door.ts";

/** Who sends: taken from the login. */
export interface Sender {
  /** Number of the session. */
  id: number;
  account: number;
  tenant: number;
  /** Bits of enum Right. */
  rights: number;
}

/** Cells a ring may spend on the wrap of a record. */
const PAD_CELLS_MAX = 3;
const KEPT_FLAGS = Flag.CellsMask | Flag.First | Flag.Last | Flag.Simulated | Flag.Untrusted;

/** Where the records of a kind go. */
enum Route {
  None = 0,
  Command = 1,
  Feed = 2,
  Control = 3,
  /** Control, and with Right.Trade for the own account. */
  OwnControl = 4,
}

const ROUTES = new Map<number, Route>([
  [Kind.OrderNew, Route.Command],
  [Kind.OrderCancel, Route.Command],
  [Kind.OrderAmend, Route.Command],
  [Kind.OrderReplace, Route.Command],
  [Kind.MassCancel, Route.Command],
  [Kind.StateQuery, Route.Command],
  [Kind.ParentNew, Route.Command],
  [Kind.ParentCancel, Route.Command],
  [Kind.FeedGap, Route.Feed],
  [Kind.Trade, Route.Feed],
  [Kind.Quote, Route.Feed],
  [Kind.BookDelta, Route.Feed],
  [Kind.BookSnapshot, Route.Feed],
  [Kind.BookClear, Route.Feed],
  [Kind.MarkPrice, Route.Feed],
  [Kind.IndexPrice, Route.Feed],
  [Kind.FundingRate, Route.Feed],
  [Kind.OpenInterest, Route.Feed],
  [Kind.KillSwitch, Route.OwnControl],
  [Kind.TradingState, Route.Control],
  [Kind.InstrumentState, Route.Control],
  [Kind.AuctionCall, Route.Control],
  [Kind.AuctionUncross, Route.Control],
  [Kind.RiskLimits, Route.Control],
  [Kind.VolumeCurve, Route.Control],
  [Kind.RestrictedList, Route.Control],
  [Kind.MarginSchedule, Route.Control],
  [Kind.RiskRelease, Route.Control],
]);

/** Byte of the session field, by kind of command. */
const SESSION_AT = new Map<number, number>([
  [Kind.OrderNew, NEW_SESSION],
  [Kind.OrderCancel, CANCEL_SESSION],
  [Kind.OrderAmend, AMEND_SESSION],
  [Kind.OrderReplace, AMEND_SESSION],
  [Kind.MassCancel, MASS_SESSION],
  [Kind.StateQuery, QUERY_SESSION],
  [Kind.ParentNew, PARENT_SESSION],
  [Kind.ParentCancel, CANCEL_SESSION],
]);

/** The gateway's way into the rings. One thread, one frame at a time. */
export class Inbound {
  /** Records pushed since the start. */
  records = 0;
  /** After a refusal: the record's place in its frame (from 0) and its kind. */
  faultIndex = 0;
  faultKind = 0;
  private readonly door: EngineDoor;
  private readonly u8 = new Uint8Array(FRAME_BYTES_MAX);
  private readonly i32 = new Int32Array(this.u8.buffer);
  private readonly view = new DataView(this.u8.buffer);
  /** Cells of the frame by route. */
  private readonly cells = new Int32Array(5);

  constructor(door: EngineDoor) {
    this.door = door;
  }

  /** Takes a frame in for checking; the answer of `frameError`. */
  load(bytes: Uint8Array): Refusal {
    this.faultIndex = 0;
    this.faultKind = 0;
    if (bytes.length > FRAME_BYTES_MAX) return Refusal.OversizeFrame;
    this.u8.set(bytes);
    return frameError(this.view, bytes.length);
  }

  /** Type of the loaded frame. */
  get type(): FrameType {
    return this.u8[FRAME_TYPE] ?? 0;
  }

  /** Pushes the records of the loaded frame; None, or why not one of them went in. */
  push(length: number, sender: Sender): Refusal {
    this.cells.fill(0);
    let index = 0;
    for (let at: number = FRAME_HEADER_BYTES; at < length; index += 1) {
      const bytes = recordBytes(this.view, at);
      const refusal = this.admit(at, bytes >> CELL_SHIFT, sender);
      if (refusal !== Refusal.None) {
        this.faultIndex = index;
        this.faultKind = this.view.getUint16(at + REC_KIND, true);
        return refusal;
      }
      at += bytes;
    }
    if (!this.hasRoom()) return Refusal.RingFull;
    this.copy(length);
    this.records += index;
    return Refusal.None;
  }

  /**
   * Asks the order role for the present state of the sender's account; false when the ring is full.
   * The caller schedules the turn.
   */
  query(sender: Sender): boolean {
    const at = FRAME_HEADER_BYTES;
    this.u8.fill(0, at, at + (QUERY_CELLS << CELL_SHIFT));
    this.view.setUint16(at + REC_KIND, Kind.StateQuery, true);
    this.stamp(at, Kind.StateQuery, sender);
    const isIn = this.door.command.push(this.i32, at, QUERY_CELLS);
    if (isIn) this.show(this.door.command);
    return isIn;
  }

  private admit(at: number, cells: number, sender: Sender): Refusal {
    const kind = this.view.getUint16(at + REC_KIND, true);
    const route = ROUTES.get(kind) ?? Route.None;
    const refusal = this.permit(at, kind, route, sender);
    if (refusal !== Refusal.None) return refusal;
    this.cells[route] = (this.cells[route] ?? 0) + cells;
    const flags = this.view.getUint16(at + REC_FLAGS, true);
    // Only a feed may say that its data is simulated or not to be trusted.
    const kept = route === Route.Feed ? KEPT_FLAGS : Flag.CellsMask;
    this.view.setUint16(at + REC_FLAGS, flags & kept, true);
    this.i32.fill(0, (at + REC_SEQUENCE) >> 2, (at + REC_CAUSE + 8) >> 2);
    this.stamp(at, kind, sender);
    return Refusal.None;
  }

  private permit(at: number, kind: number, route: Route, sender: Sender): Refusal {
    const { rights } = sender;
    const isAdmin = (rights & Right.Admin) !== 0;
    switch (route) {
      case Route.Command:
        return this.permitCommand(at, kind, sender);
      case Route.Feed:
        return (rights & Right.Feed) !== 0 ? Refusal.None : Refusal.RightMissing;
      case Route.Control:
        return isAdmin ? Refusal.None : Refusal.RightMissing;
      case Route.OwnControl: {
        if (isAdmin) return Refusal.None;
        if ((rights & Right.Trade) === 0 || sender.account === 0) return Refusal.RightMissing;
        const scope = this.view.getUint8(at + SWITCH_SCOPE);
        const isOwn = scope === Scope.Account || scope === Scope.AccountInstrument;
        return isOwn ? Refusal.None : Refusal.ScopeInvalid;
      }
      default:
        return Refusal.KindNotAllowed;
    }
  }

  private permitCommand(at: number, kind: number, { rights, account }: Sender): Refusal {
    if (kind === Kind.StateQuery && (rights & Right.Read) !== 0 && account !== 0) {
      return Refusal.None;
    }
    if ((rights & Right.Trade) === 0 || account === 0) return Refusal.RightMissing;
    if (kind === Kind.OrderNew) {
      // Orders that say they are the engine's own would pass checks made for clients.
      const flags = this.view.getUint8(at + NEW_FLAGS);
      return (flags & OrderFlag.Engine) === 0 ? Refusal.None : Refusal.FlagUnsupported;
    }
    if (kind === Kind.MassCancel) {
      const scope = this.view.getUint8(at + MASS_SCOPE);
      const isWide = scope === Scope.Global || scope === Scope.Tenant;
      return isWide ? Refusal.ScopeInvalid : Refusal.None;
    }
    return Refusal.None;
  }

  /** Who sent it, over whatever the client wrote there. */
  private stamp(at: number, kind: number, sender: Sender): void {
    const sessionAt = SESSION_AT.get(kind);
    if (sessionAt !== undefined) {
      this.view.setUint32(at + ORDER_ACCOUNT, sender.account, true);
      this.view.setUint16(at + ORDER_TENANT, sender.tenant, true);
      this.view.setUint32(at + sessionAt, sender.id, true);
    } else if (kind === Kind.KillSwitch && (sender.rights & Right.Admin) === 0) {
      this.view.setUint32(at + SWITCH_ACCOUNT, sender.account, true);
      this.view.setUint16(at + SWITCH_TENANT, sender.tenant, true);
    }
  }

  private hasRoom(): boolean {
    const { cells, door } = this;
    const control = (cells[Route.Control] ?? 0) + (cells[Route.OwnControl] ?? 0);
    return (
      fits(door.command, cells[Route.Command] ?? 0) &&
      fits(door.feed, cells[Route.Feed] ?? 0) &&
      fits(door.control, control)
    );
  }

  private copy(length: number): void {
    for (let at: number = FRAME_HEADER_BYTES; at < length;) {
      const bytes = recordBytes(this.view, at);
      const route = ROUTES.get(this.view.getUint16(at + REC_KIND, true)) ?? Route.None;
      this.ringOf(route).push(this.i32, at, bytes >> CELL_SHIFT);
      at += bytes;
    }
    const { cells, door } = this;
    if ((cells[Route.Command] ?? 0) > 0) this.show(door.command);
    if ((cells[Route.Feed] ?? 0) > 0) this.show(door.feed);
    if ((cells[Route.Control] ?? 0) + (cells[Route.OwnControl] ?? 0) > 0) this.show(door.control);
    door.schedule();
  }

  private ringOf(route: Route): RecordRing {
    if (route === Route.Command) return this.door.command;
    return route === Route.Feed ? this.door.feed : this.door.control;
  }

  private show(ring: RecordRing): void {
    ring.publish();
    ring.wake();
  }
}

function fits(ring: RecordRing, cells: number): boolean {
  // A record never wraps: the pad before it may cost cells too.
  return cells === 0 || ring.room() >= cells + PAD_CELLS_MAX;
}
