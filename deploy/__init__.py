"""The classroom around the workshop: a hub to rehearse on, and what to check the day before."""
