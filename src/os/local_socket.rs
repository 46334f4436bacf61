//! One question to a program that listens at a socket in a folder, and its answer.
//!
//! What could go wrong: the program hangs, was stopped, or never comes to an end. So there is a deadline for all of it
//! and a limit of bytes; even to be let in is not waited for, since a queue that is full may stay so.

#[cfg(unix)]
pub use unix::exchange;

/// Where there are no such sockets, there is no answer.
#[cfg(not(unix))]
pub fn exchange(
    _: &std::path::Path,
    _: &[u8],
    _: std::time::Duration,
    _: u64,
) -> std::io::Result<(Vec<u8>, Option<u32>)> {
    Err(std::io::ErrorKind::Unsupported.into())
}

#[cfg(unix)]
mod unix {
    use std::io::{self, ErrorKind, Read, Write};
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;
    use std::path::Path;
    use std::time::{Duration, Instant};

    use rustix::io::{FdFlags, fcntl_setfd, ioctl_fionbio};
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, connect, socket};

    /// All that comes before the other side ends it, if that is within `patience` and `most` bytes; and which process
    /// that is, where the system tells.
    pub fn exchange(
        place: &Path,
        question: &[u8],
        patience: Duration,
        most: u64,
    ) -> io::Result<(Vec<u8>, Option<u32>)> {
        let until = Instant::now() + patience;
        // A long name has no room; in a hook the same place has a short one.
        let short = |_| {
            let here = std::env::current_dir()?;
            let place = place.strip_prefix(here).map_err(io::Error::other)?;
            io::Result::Ok(SocketAddrUnix::new(place)?)
        };
        let place = SocketAddrUnix::new(place).or_else(short)?;
        let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
        fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
        ioctl_fionbio(&socket, true)?;
        connect(&socket, &place)?;
        let process = listener(&socket);
        let mut stream = UnixStream::from(socket);
        stream.set_nonblocking(false)?;
        stream.set_write_timeout(Some(patience))?;
        stream.write_all(question)?;
        let mut answer = Vec::new();
        let mut some = [0; 8192];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || answer.len() as u64 > most {
                return Err(ErrorKind::TimedOut.into());
            }
            stream.set_read_timeout(Some(left))?;
            match stream.read(&mut some)? {
                0 => return Ok((answer, process)),
                count => answer.extend_from_slice(&some[..count]),
            }
        }
    }

    #[cfg(target_os = "linux")]
    fn listener(socket: &OwnedFd) -> Option<u32> {
        let process = rustix::net::sockopt::socket_peercred(socket).ok()?.pid;
        u32::try_from(process.as_raw_nonzero().get()).ok()
    }

    #[cfg(not(target_os = "linux"))]
    fn listener(_: &OwnedFd) -> Option<u32> {
        None
    }
}
