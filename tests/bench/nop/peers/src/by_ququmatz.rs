//! By the crate ququmatz.

use crate::{Messages, Work, BLOCK, ENTRIES, MESSAGE};
use ququmatz::types::{MsgFlags, RawFd};
use ququmatz::{IoUring, IoUringBuilder, Sqe};

static mut RING: Option<IoUring> = None;

#[allow(static_mut_refs)]
fn ring() -> &'static mut IoUring {
    unsafe { RING.as_mut().unwrap_unchecked() } // there is one thread
}

#[no_mangle]
pub extern "C" fn open_ring(defer: bool) {
    let builder = IoUringBuilder::new(ENTRIES);
    let builder = if defer { builder.single_issuer().defer_taskrun() } else { builder };
    unsafe { RING = Some(builder.build().expect("no ring")) };
}

#[inline(always)]
fn finish(count: u32, res: i32, sum: &mut u64) -> bool {
    let ring = ring();
    if ring.submit_and_wait(count).ok() != Some(count) {
        return false;
    }
    let (mut tokens, mut popped) = (*sum, 0);
    for done in ring.completions() {
        if done.raw_result() != res {
            return false;
        }
        tokens += done.user_data();
        popped += 1;
    }
    *sum = tokens;
    popped == count
}

fn single_nops(count: u64, sum: &mut u64) -> bool {
    let ring = ring();
    let mut tokens = 0;
    for token in 0..count {
        if ring.push(Sqe::nop().user_data(token)).is_err() || ring.submit_and_wait(1).ok() != Some(1) {
            return false;
        }
        match ring.complete() {
            Some(done) if done.raw_result() == 0 => tokens += done.user_data(),
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
        for _ in 0..work.batch {
            if ring().push(Sqe::nop().user_data(token)).is_err() {
                return false;
            }
            token += 1;
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
        for i in 0..work.batch as usize {
            let into = work.blocks[i].as_mut_ptr();
            let read = unsafe { Sqe::read_ptr(RawFd::from_raw(work.file as usize), into, BLOCK as u32, (i * BLOCK) as u64) };
            if ring().push(read.user_data(token)).is_err() {
                return false;
            }
            token += 1;
        }
        if !finish(work.batch, BLOCK as i32, &mut tokens) {
            return false;
        }
    }
    *sum = tokens;
    true
}

fn pass(from: &[i32], to: &[i32], sent: &Messages, received: &mut Messages, batch: u32, token: u64, sum: &mut u64) -> bool {
    for at in 0..batch as usize {
        let (from, to) = (RawFd::from_raw(from[at] as usize), RawFd::from_raw(to[at] as usize));
        let send = unsafe { Sqe::send_ptr(from, sent[at].as_ptr(), MESSAGE as u32, MsgFlags::empty()) };
        let recv = unsafe { Sqe::recv_ptr(to, received[at].as_mut_ptr(), MESSAGE as u32, MsgFlags::empty()) };
        if ring().push(send.user_data(0)).is_err() || ring().push(recv.user_data(token + at as u64)).is_err() {
            return false;
        }
    }
    finish(2 * batch, MESSAGE as i32, sum)
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
