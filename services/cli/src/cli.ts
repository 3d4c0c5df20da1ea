// The `sandpiper` command.
export {}
