// @ts-check
/**
 * The shapes of docs/api.md, as the page reads them. Times are RFC 3339 strings in UTC; null is "cannot be known".
 *
 * @typedef {"unknown"|"lying"|"sitting"|"standing"|"moving"|"not_worn"} Activity
 *
 * @typedef {{id: string, name: string, timezone: string, language?: string|null, own?: string[], origin?: string,
 *   replayed?: {start: string, end: string}[]}} Wearer
 *
 * @typedef {{method: string, made_at: string, sigma_deg: number, slouch_deg: number|null}} Calibration
 *
 * @typedef {object} Sensor
 * @property {string} id
 * @property {string} name
 * @property {string} driver_title
 * @property {string} placement
 * @property {string} wearer
 * @property {boolean} simulated
 * @property {string} state
 * @property {string|null} state_since
 * @property {string|null} reason
 * @property {string} reason_code
 * @property {string|null} model
 * @property {string|null} firmware
 * @property {string|null} maker
 * @property {number|null} rssi_dbm
 * @property {number|null} battery_percent
 * @property {boolean|null} charging
 * @property {number|null} rate_hz
 * @property {number} received
 * @property {number} lost
 * @property {number|null} lost_share
 * @property {number} bad_payloads
 * @property {number} reconnects
 * @property {string|null} last_sample_at
 * @property {Calibration|null} calibration
 *
 * @typedef {{reason: string, detail: string}} Refusal
 *
 * @typedef {{taken: {pose: string, seconds: number, keeps_until: string}|null, refused: Refusal|null}} PoseOutcome
 *
 * @typedef {{sensor: Sensor|null, refused: Refusal|null}} CalibrationOutcome
 *
 * @typedef {object} Now
 * @property {string} wearer
 * @property {string|null} time
 * @property {Activity} activity
 * @property {string|null} activity_since
 * @property {number|null} confidence
 * @property {number|null} p_sitting
 * @property {number|null} lean_deg
 * @property {number|null} side_deg
 * @property {number|null} sitting_clock_s
 * @property {string|null} bout_start
 * @property {number|null} upright_s
 * @property {string|null} slouching_since
 * @property {number|null} slouch_entry_deg
 * @property {string[]} quality
 * @property {string[]} reasons
 * @property {string[]} placements
 * @property {number|null} stale_s
 * @property {boolean} simulated
 * @property {number|null} sitting_limit_s
 *
 * @typedef {object} Series
 * @property {number} resolution_s
 * @property {string[]} times
 * @property {Record<string, number[]>} seconds
 * @property {Record<string, (number|null)[]>} means
 * @property {(number|null)[]} lean_min_deg
 * @property {(number|null)[]} lean_max_deg
 * @property {number[]} coverage
 *
 * @typedef {object} Episode
 * @property {string} id
 * @property {string} wearer
 * @property {"sitting"|"break"|"slouch"|"not_worn"|"shift"|"bend"|"held_bend"|"side_bend"|"twist"|"turn"} kind
 * @property {string} start
 * @property {string|null} end
 * @property {boolean} open
 * @property {number} duration_s
 * @property {number|null} peak
 * @property {number|null} mean
 * @property {number|null} limit
 *
 * @typedef {object} Day
 * @property {string} day
 * @property {string} timezone
 * @property {string} start
 * @property {string} end
 * @property {Record<string, number>} seconds
 * @property {number|null} sitting_bouts
 * @property {number|null} longest_sitting_s
 * @property {number|null} breaks
 * @property {number|null} full_breaks
 * @property {number|null} slouches
 * @property {number|null} slouch_s
 * @property {number|null} lean_mean_deg
 * @property {number|null} answered_within_5_min
 *
 * @typedef {object} Explanation
 * @property {string} measured
 * @property {number|null} value
 * @property {number|null} limit
 * @property {string} unit
 * @property {number} lasted_s
 * @property {string} placement
 * @property {number|null} confidence
 *
 * @typedef {object} Alert
 * @property {string} id
 * @property {string} wearer
 * @property {string} episode what it speaks of: an episode, or for alerts about sensors the sensor
 * @property {string} kind
 * @property {string} opened_at
 * @property {string|null} closed_at
 * @property {string} message
 * @property {Explanation} explanation
 * @property {number} said
 * @property {string|null} last_said_at
 * @property {string|null} acknowledged_at
 * @property {string|null} snoozed_until
 * @property {string|null} outcome
 * @property {number|null} response_s
 * @property {boolean} open
 * @property {number} revision
 *
 * @typedef {object} Health
 * @property {"ok"|"degraded"} status
 * @property {string} version
 * @property {string} now
 * @property {number} speed
 * @property {boolean} simulated
 * @property {{backend: string, ok: boolean, detail: string|null, last_commit_at: string|null}} store
 * @property {{streaming: number, total: number}} sensors
 * @property {{done_days: number, total_days: number}|null} seeding
 * @property {string[]} problems
 *
 * @typedef {{now: string, speed: number, simulated: boolean, gap: boolean, version: string}} Hello
 */

/**
 * What keeps alerts back now.
 * @typedef {object} Quiet
 * @property {string|null} paused_until
 * @property {string|null} meeting_until
 * @property {string|null} busy_until
 * @property {boolean|null} do_not_disturb
 * @property {boolean|null} screen_locked
 */

/**
 * What came of the alerts of a range that ask for something.
 * @typedef {object} Responses
 * @property {number} asked
 * @property {number} answered_within_5_min
 * @property {number|null} share
 */

export {};
