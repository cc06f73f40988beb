//! Each crate behind the three functions that work.h asks for, as the crate's own examples do it.

#[cfg(feature = "io-uring")]
mod by_io_uring;
#[cfg(feature = "ququmatz")]
mod by_ququmatz;

const ENTRIES: u32 = 256;
const BATCH_MAX: usize = 128;
const BLOCK: usize = 4096;
const MESSAGE: usize = 64;

type Messages = [[u8; MESSAGE]; BATCH_MAX];

/// `struct work` of work.h.
#[repr(C)]
pub struct Work {
    defer: bool,
    batch: u32,
    count: u64,
    file: i32,
    here: [i32; BATCH_MAX],
    there: [i32; BATCH_MAX],
    sent: Messages,
    between: Messages,
    back: Messages,
    blocks: [[u8; BLOCK]; BATCH_MAX],
}
