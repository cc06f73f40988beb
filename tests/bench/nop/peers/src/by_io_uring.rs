//! By the crate io-uring.

use crate::{Messages, Work, BLOCK, ENTRIES, MESSAGE};
use io_uring::{opcode, squeue::Entry, types::Fd, IoUring};

static mut RING: Option<IoUring> = None;

#[allow(static_mut_refs)]
fn ring() -> &'static mut IoUring {
    unsafe { RING.as_mut().unwrap_unchecked() } // there is one thread
}

#[no_mangle]
pub extern "C" fn open_ring(defer: bool) {
    let mut builder = IoUring::builder();
    if defer {
        builder.setup_single_issuer().setup_defer_taskrun();
    }
    unsafe { RING = Some(builder.build(ENTRIES).expect("no ring")) };
}

#[inline(always)]
fn finish(count: u32, res: i32, sum: &mut u64) -> bool {
    let ring = ring();
    if ring.submit_and_wait(count as usize).ok() != Some(count as usize) {
        return false;
    }
    let (mut tokens, mut popped) = (*sum, 0);
    for done in ring.completion() {
        if done.result() != res {
            return false;
        }
        tokens += done.user_data();
        popped += 1;
    }
    *sum = tokens;
    popped == count
}

#[inline(always)]
fn push_batch(batch: u32, mut entry: impl FnMut(u32) -> [Option<Entry>; 2]) -> bool {
    let mut queue = ring().submission();
    for i in 0..batch {
        for each in entry(i).iter().flatten() {
            if unsafe { queue.push(each) }.is_err() {
                return false;
            }
        }
    }
    true
}

fn single_nops(count: u64, sum: &mut u64) -> bool {
    let ring = ring();
    let mut tokens = 0;
    for token in 0..count {
        let entry = opcode::Nop::new().build().user_data(token);
        if unsafe { ring.submission().push(&entry) }.is_err() || ring.submit_and_wait(1).ok() != Some(1) {
            return false;
        }
        match ring.completion().next() {
            Some(done) if done.result() == 0 => tokens += done.user_data(),
            _ => return false,
        }
    }
    *sum = tokens;
    true
}

#[no_mangle]
pub extern "C" fn run_nop(work: &mut Work, sum: &mut u64) -> bool {
    if work.batch == 1 {
        return single_nops(work.count, sum);
    }
    let (mut token, mut tokens) = (0, 0);
    while token < work.count {
        {
            let mut queue = ring().submission();
            for _ in 0..work.batch {
                if unsafe { queue.push(&opcode::Nop::new().build().user_data(token)) }.is_err() {
                    return false;
                }
                token += 1;
            }
        }
        if !finish(work.batch, 0, &mut tokens) {
            return false;
        }
    }
    *sum = tokens;
    true
}

#[no_mangle]
pub extern "C" fn run_read(work: &mut Work, sum: &mut u64) -> bool {
    let (mut token, mut tokens) = (0, 0);
    while token < work.count {
        let blocks = &mut work.blocks;
        let file = Fd(work.file);
        let pushed = push_batch(work.batch, |i| {
            let into = blocks[i as usize].as_mut_ptr();
            let read = opcode::Read::new(file, into, BLOCK as u32).offset(u64::from(i) * BLOCK as u64);
            [Some(read.build().user_data(token + u64::from(i))), None]
        });
        token += u64::from(work.batch);
        if !pushed || !finish(work.batch, BLOCK as i32, &mut tokens) {
            return false;
        }
    }
    *sum = tokens;
    true
}

fn pass(from: &[i32], to: &[i32], sent: &Messages, received: &mut Messages, batch: u32, token: u64, sum: &mut u64) -> bool {
    push_batch(batch, |i| {
        let at = i as usize;
        let send = opcode::Send::new(Fd(from[at]), sent[at].as_ptr(), MESSAGE as u32);
        let recv = opcode::Recv::new(Fd(to[at]), received[at].as_mut_ptr(), MESSAGE as u32);
        [Some(send.build().user_data(0)), Some(recv.build().user_data(token + u64::from(i)))]
    }) && finish(2 * batch, MESSAGE as i32, sum)
}

#[no_mangle]
pub extern "C" fn run_echo(work: &mut Work, sum: &mut u64) -> bool {
    let (mut token, mut back) = (0, 0);
    while token < work.count {
        if !pass(&work.here, &work.there, &work.sent, &mut work.between, work.batch, token, sum)
            || !pass(&work.there, &work.here, &work.between, &mut work.back, work.batch, token, &mut back)
        {
            return false;
        }
        token += u64::from(work.batch);
    }
    back == *sum
}
