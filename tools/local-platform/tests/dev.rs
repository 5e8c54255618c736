//! The program `local-platform dev`, on the real services.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

struct Dev {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    /// The lines up to the one that says how to stop it.
    table: Vec<String>,
}

impl Dev {
    fn start(directory: &Path) -> Dev {
        let port = testkit::free_port().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_local-platform"))
            .args(["dev", "--port", &port.to_string(), "--dir"])
            .arg(directory)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let table =
            output.by_ref().map(Result::unwrap).take_while(|line| !line.starts_with("Ctrl-C")).collect();
        Dev { child, output, table }
    }

    /// Reads on until a line begins and ends so.
    fn says(&mut self, begin: &str, part: &str) {
        let mut lines = self.output.by_ref().map(Result::unwrap);
        assert!(lines.any(|line| line.starts_with(begin) && line.contains(part)), "not said: {begin} {part}");
    }

    fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
    }

    fn exit_code(&mut self) -> Option<i32> {
        self.output.by_ref().for_each(drop);
        self.child.wait().unwrap().code()
    }

    /// The addresses in the table, the operations ports among them.
    fn ports(&self) -> Vec<u16> {
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
        let ports = self.table.iter().flat_map(|line| line.split("127.0.0.1:").skip(1));
        ports.map(|behind| digits(behind).parse().unwrap()).collect()
    }
}

fn post_a_job(gateway: u16) {
    let mut stream = TcpStream::connect(("127.0.0.1", gateway)).unwrap();
    let body = r#"{"userId1": "ada@example.com", "userId2": "bob@example.com"}"#;
    write!(
        stream,
        "POST /worker/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 202"), "{reply}");
}

fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[test]
fn runs_everything_on_one_directory_and_stops_it_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = Dev::start(directory.path());
    let ports = first.ports();
    assert_eq!(ports.len(), 2 + 6 * 2 + 4, "{:#?}", first.table);
    assert!(ports.iter().copied().all(answers));

    post_a_job(ports[0]);
    let mut lines = first.output.by_ref().take(100).map(Result::unwrap);
    assert!(lines.any(|line| line.contains("worker-service-consumer-1 is ready")), "no worker has come");

    let mut second = Dev::start(directory.path());
    assert_eq!(second.exit_code(), Some(1), "two on the same data");

    first.interrupt();
    assert_eq!(first.exit_code(), Some(0));
    assert!(!ports.into_iter().any(answers), "something goes on");

    let mut again = Dev::start(directory.path());
    assert!(again.ports().into_iter().all(answers));
    again.interrupt();
    assert_eq!(again.exit_code(), Some(0));
}

#[test]
fn starts_again_what_dies_and_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(directory.path());
    let ports = dev.ports();
    for (program, part) in [
        ("suggestion-service", "suggestion-service"),
        ("user-service", "user-service-"),
        ("redis-server", "redis"),
        ("postgres", "postgresql"),
        ("nginx", ""),
    ] {
        kill_process(child_of(&dev.child, program), Signal::KILL).unwrap();
        dev.says(&format!("restart | {part}"), "has ended");
        dev.says(&format!("restart | {part}"), "runs again");
    }
    assert!(ports.iter().copied().all(answers), "something has not come back");
    post_a_job(ports[0]);
    dev.interrupt();
    assert_eq!(dev.exit_code(), Some(0));
    assert!(!ports.into_iter().any(answers), "something goes on");
}

fn child_of(parent: &Child, program: &str) -> Pid {
    // The kernel keeps 15 characters of the name.
    let name = &program[..program.len().min(15)];
    let family = testkit::family(&[parent.id()]).unwrap();
    let child = family.iter().find(|stat| stat.comm == name && stat.ppid.unsigned_abs() == parent.id());
    Pid::from_raw(child.unwrap().pid).unwrap()
}
