"""Long work that can be resumed: stored by key, outside the server's process, watched by anybody at any time.

What the work is about is no concern of this room. Its events are kept and handed on as they come; the rest it asks of
a module, which `playground.engine.RESUMABLE` names beside the spec. The server imports that module too, so that heavy
libraries are for its functions to load. It has

    read(query)                               the spec of a link
    check(spec)                               raises `ChoiceError` for a spec that cannot be computed
    begin(spec, threads=, interrupted=)       the work, as below
    collect(events, weights)                  the record of a run, None as long as there is nothing to show
    progress(events)                          how far a run with these events is, as `Progress`
    test(spec, weights)                       an event, kept apart, where a result is tested once at the end
    SMALLER                                   what to do where the memory does not suffice, a part of a sentence
    PRELOAD                                   the name of a module that workers import before they take work

and the work has

    events()                                  all from here to the end: `Preparation` before the first step, then an
                                              event with the spec's `key` and `query`, at last an `End`; raises
                                              `Stopped` in the middle of a long step where `interrupted()`
    settled                                   whether all events of the present step are out
    step, best_step                           the last step, and that of the best result so far
    state(), load(bytes)                      all it takes to go on from a settled step
    weights()                                 the arrays that are its answer, empty for none

An event whose class is a `landmark` is shown as soon as it comes, and `seconds` of an event count the time of work.
"""
