// Emoji by Slack's short names, as characters: name, character, and so on.
export const table = `white_check_mark ✅ heavy_check_mark ✔️ x ❌ warning ⚠️ no_entry ⛔ octagonal_sign 🛑 rocket 🚀
  rotating_light 🚨 hourglass_flowing_sand ⏳ hourglass ⌛ lock 🔒 unlock 🔓 red_circle 🔴 large_green_circle 🟢
  large_yellow_circle 🟡 large_orange_circle 🟠 large_blue_circle 🔵 large_purple_circle 🟣 white_circle ⚪
  black_circle ⚫ information_source ℹ️ arrows_counterclockwise 🔄 rewind ⏪ double_vertical_bar ⏸️ bell 🔔 eyes 👀
  +1 👍 -1 👎 tada 🎉 wrench 🔧 package 📦 ballot_box_with_check ☑️ heavy_multiplication_x ✖️
  negative_squared_cross_mark ❎ no_entry_sign 🚫 question ❓ exclamation ❗ bangbang ‼️ arrow_right ➡️ arrow_left ⬅️
  arrow_up ⬆️ arrow_down ⬇️ fast_forward ⏩ arrow_forward ▶️ black_square_for_stop ⏹️ repeat 🔁 clock1 🕐 clock3 🕒
  alarm_clock ⏰ stopwatch ⏱️ timer_clock ⏲️ calendar 📆 date 📅 spiral_calendar_pad 🗓️ memo 📝 clipboard 📋
  page_facing_up 📄 link 🔗 pushpin 📌 mag 🔍 key 🔑 gear ⚙️ hammer_and_wrench 🛠️ hammer 🔨 bug 🐛 fire 🔥 boom 💥
  zap ⚡ construction 🚧 ship 🚢 train 🚆 train2 🚆 station 🚉 vertical_traffic_light 🚦 traffic_light 🚥
  chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 bulb 💡 no_bell 🔕 mega 📣 loudspeaker 📢
  email 📧 phone ☎️ speech_balloon 💬 robot_face 🤖 wave 👋 pray 🙏 clap 👏 raised_hands 🙌 muscle 💪 ok_hand 👌
  point_right 👉 point_up ☝️ handshake 🤝 thinking_face 🤔 smile 😄 slightly_smiling_face 🙂 grinning 😀 joy 😂
  sweat_smile 😅 wink 😉 sob 😭 scream 😱 cry 😢 disappointed 😞 sunglasses 😎 heart ❤️ green_heart 💚 blue_heart 💙
  star ⭐ sparkles ✨ 100 💯 tangerine 🍊 coffee ☕ beer 🍺 cake 🎂 gift 🎁 car 🚗 earth_americas 🌎
  globe_with_meridians 🌐 sunny ☀️ cloud ☁️ snowflake ❄️ turtle 🐢 whale 🐳 checkered_flag 🏁
  triangular_flag_on_post 🚩 white_large_square ⬜ black_large_square ⬛ large_green_square 🟩 large_red_square 🟥
  large_yellow_square 🟨 large_blue_square 🟦 new 🆕 ok 🆗 sos 🆘 one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣
  house 🏠 house_with_garden 🏡 office 🏢 factory 🏭 hospital 🏥 school 🏫 tent ⛺ smiley 😃 laughing 😆 rofl 🤣
  blush 😊 innocent 😇 heart_eyes 😍 kissing_heart 😘 yum 😋 stuck_out_tongue 😛 zany_face 🤪 nerd_face 🤓 star-struck 🤩
  partying_face 🥳 smirk 😏 unamused 😒 pensive 😔 worried 😟 confused 😕 slightly_frowning_face 🙁 weary 😩 tired_face 😫
  triumph 😤 angry 😠 rage 😡 flushed 😳 fearful 😨 cold_sweat 😰 hugging_face 🤗 shushing_face 🤫 lying_face 🤥
  no_mouth 😶 neutral_face 😐 expressionless 😑 grimacing 😬 face_with_rolling_eyes 🙄 open_mouth 😮 astonished 😲
  sleeping 😴 mask 😷 face_with_thermometer 🤒 exploding_head 🤯 face_with_cowboy_hat 🤠 upside_down_face 🙃 relieved 😌
  saluting_face 🫡 melting_face 🫠 skull 💀 ghost 👻 alien 👽 hankey 💩 clown_face 🤡 hand ✋ v ✌️ crossed_fingers 🤞
  call_me_hand 🤙 point_left 👈 point_down 👇 fist ✊ facepunch 👊 writing_hand ✍️ shrug 🤷 face_palm 🤦 bow 🙇
  broken_heart 💔 yellow_heart 💛 orange_heart 🧡 purple_heart 💜 black_heart 🖤 two_hearts 💕 brain 🧠 ear 👂
  footprints 👣 baby 👶 technologist 🧑‍💻 sleuth_or_spy 🕵️ ninja 🥷 construction_worker 👷 cop 👮 dog 🐶 cat 🐱
  unicorn_face 🦄 bee 🐝 octopus 🐙 penguin 🐧 crab 🦀 snake 🐍 rabbit 🐰 monkey_face 🐵 see_no_evil 🙈 hear_no_evil 🙉
  speak_no_evil 🙊 dragon 🐉 seedling 🌱 evergreen_tree 🌲 cactus 🌵 four_leaf_clover 🍀 rose 🌹 pizza 🍕 taco 🌮
  hamburger 🍔 apple 🍎 lemon 🍋 banana 🍌 avocado 🥑 cookie 🍪 doughnut 🍩 birthday 🎂 champagne 🍾 wine_glass 🍷
  beers 🍻 tea 🍵 popcorn 🍿 soccer ⚽ trophy 🏆 first_place_medal 🥇 dart 🎯 game_die 🎲 video_game 🎮 art 🎨
  musical_note 🎵 headphones 🎧 guitar 🎸 movie_camera 🎥 camera 📷 tv 📺 computer 💻 desktop_computer 🖥️ keyboard ⌨️
  floppy_disk 💾 iphone 📱 battery 🔋 electric_plug 🔌 satellite_antenna 📡 mag_right 🔎 flashlight 🔦 candle 🕯️ books 📚
  book 📖 newspaper 📰 bookmark 🔖 label 🏷️ moneybag 💰 credit_card 💳 envelope ✉️ inbox_tray 📥 outbox_tray 📤
  mailbox 📫 file_folder 📁 open_file_folder 📂 card_index_dividers 🗂️ wastebasket 🗑️ paperclip 📎 scissors ✂️
  closed_lock_with_key 🔐 old_key 🗝️ nut_and_bolt 🔩 shield 🛡️ microscope 🔬 telescope 🔭 test_tube 🧪 dna 🧬 pill 💊
  syringe 💉 thermometer 🌡️ broom 🧹 magnet 🧲 airplane ✈️ helicopter 🚁 bus 🚌 bike 🚲 taxi 🚕 fuelpump ⛽ anchor ⚓
  world_map 🗺️ rainbow 🌈 umbrella ☂️ ocean 🌊 tornado 🌪️ full_moon 🌕 crescent_moon 🌙 stars 🌠 comet ☄️
  arrow_upper_right ↗️ arrow_lower_right ↘️ arrows_clockwise 🔃 end 🔚 back 🔙 soon 🔜 top 🔝 up 🆙 cool 🆒 free 🆓 vs 🆚
  heavy_plus_sign ➕ heavy_minus_sign ➖ heavy_dollar_sign 💲 infinity ♾️ recycle ♻️ radioactive_sign ☢️
  biohazard_sign ☣️ zero 0️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ keycap_ten 🔟 small_blue_diamond 🔹
  small_orange_diamond 🔸 large_blue_diamond 🔷 speaker 🔈 mute 🔇 crystal_ball 🔮 balloon 🎈 confetti_ball 🎊
  ribbon 🎀 christmas_tree 🎄 jack_o_lantern 🎃 crown 👑 gem 💎`;
