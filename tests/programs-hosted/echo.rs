// tests/programs-hosted/echo.rs: as echo.c, in Rust: what libring.a has as functions is called as it is, what is inline in
// its headers through echo_shim.c.
use std::fs::File;
use std::io::{pipe, Write};
use std::os::fd::AsRawFd;

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Cqe {
    user_data: u64,
    res: i32,
    flags: u32,
}

#[repr(C, align(8))]
struct Ring([u8; 216]);

#[repr(C)]
struct Str {
    ptr: *const u8,
    len: usize,
}

extern "C" {
    fn shim_open(ring: *mut Ring, entries: u32) -> i32;
    fn shim_ring_bytes() -> usize;
    fn shim_push_read(ring: *mut Ring, fd: i32, into: *mut u8, len: usize, token: u64) -> i32;
    fn shim_push_write(ring: *mut Ring, fd: i32, from: *const u8, len: usize, token: u64) -> i32;
    fn ring_submit(ring: *mut Ring, count: u32) -> i32;
    fn ring_pop_many(ring: *mut Ring, done: *mut Cqe, count: u32) -> u32;
    fn ring_close(ring: *mut Ring) -> i32;
    fn ring_explain(error: i32) -> Str;
}

fn main() {
    let file = File::open(std::env::args().nth(1).expect("usage: echo FILE")).expect("open");
    let (reader, writer) = pipe().expect("pipe");
    let (mut ring, mut done) = (Ring([0; 216]), [Cqe::default(); 2]);
    let (mut sent, mut back) = ([0u8; 4096], [0u8; 4096]);
    unsafe {
        assert_eq!(shim_ring_bytes(), size_of::<Ring>());
        let error = shim_open(&mut ring, 8);
        if error != 0 {
            let why = ring_explain(error);
            let why = if why.len > 0 { std::slice::from_raw_parts(why.ptr, why.len) } else { &[] };
            eprintln!("{error}: {}", String::from_utf8_lossy(why));
            std::process::exit(77);
        }
        assert_eq!(shim_push_read(&mut ring, file.as_raw_fd(), sent.as_mut_ptr(), sent.len(), 1), 0);
        assert_eq!(ring_submit(&mut ring, 1), 1);
        assert_eq!(ring_pop_many(&mut ring, done.as_mut_ptr(), 2), 1);
        let len = usize::try_from(done[0].res).expect("read");
        assert_eq!(shim_push_write(&mut ring, writer.as_raw_fd(), sent.as_ptr(), len, 2), 0);
        assert_eq!(shim_push_read(&mut ring, reader.as_raw_fd(), back.as_mut_ptr(), back.len(), 3), 0);
        assert_eq!(ring_submit(&mut ring, 2), 2);
        assert_eq!(ring_pop_many(&mut ring, done.as_mut_ptr(), 2), 2);
        assert_eq!(done.map(|each| (each.user_data, each.res as usize, each.flags)), [(2, len, 0), (3, len, 0)]);
        assert_eq!(ring_close(&mut ring), 0);
        assert_eq!(sent, back);
        std::io::stdout().write_all(&back[..len]).expect("write");
    }
}
