// The one door of the diagnosis: its model, its checks, its verdict; nothing behind it touches the world.
export {};
