// One attempt from request to exit record.
#pragma once

#include <string>

#include "steps/process/protocol.hpp"
#include "steps/process/supervise/child.hpp"
#include "steps/process/supervise/fence.hpp"
#include "steps/process/supervise/kept.hpp"
#include "steps/process/supervise/record.hpp"
#include "steps/process/supervise/streams.hpp"

namespace slipway::supervise {

class Attempt {
public:
    Attempt(process::WireRequest request, int host, int signals);
    /// Takes the directory: lock, no earlier start, no fence. False with the reason in `error`; nothing was
    /// left behind.
    bool claim(std::string& error);
    /// Child made and held, started.json written, host told. False: ending_ says why, finish() records it.
    bool prepare(std::string& error);
    /// Waits for the host's word. True: the child may run and released.json is on the disk.
    bool wait_for_go();
    void run();
    void finish();

private:
    enum class Stop { kNone, kAsked, kKilled };

    bool open_streams(std::string& error);
    bool make_child(std::string& error);
    int timeout() const;
    void on_signals();
    void on_control();
    void on_deadlines();
    void on_exec();
    void reap();
    void ask_to_stop(const char* reason);
    void kill_now(const char* reason);
    void bury();

    process::WireRequest request_;
    int host_;
    int signals_;
    int dir_ = -1;
    int control_ = -1;
    Fence fence_;
    Child child_;
    Stream out_;
    Stream err_;
    KeptFiles kept_;
    Ending ending_;
    Stop stop_ = Stop::kNone;
    bool main_gone_ = false;
    std::int64_t time_limit_ = -1;
    std::int64_t kill_at_ = -1;
    std::int64_t give_up_at_ = -1;
};

}  // namespace slipway::supervise
