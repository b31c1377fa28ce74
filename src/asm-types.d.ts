// AssemblyScript's number types as the host sees them.
//
// asm/vocab.ts and asm/layout.ts are read by both compilers. On the host a constant of any of these
// types is a plain number; 64-bit values inside records stay bytes until an edge decodes them, so
// no shared constant may exceed 2^53 - 1.

declare global {
  type i8 = number;
  type i16 = number;
  type i32 = number;
  type u8 = number;
  type u16 = number;
  type u32 = number;
  type i64 = number;
  type u64 = number;
  type isize = number;
  type usize = number;
  type f32 = number;
  type f64 = number;
  type bool = boolean;
}

export {};
