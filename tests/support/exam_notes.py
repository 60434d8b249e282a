"""Two made-up pages of exam notes that say much the same in different layouts."""

BULLETED = """\
Pottery Associate: notes for the week before
=============================================

## Domain 1: Clay and Basics (60%)

### Must-Know Facts
- Stoneware is fired at about 1200 degrees.
- Wedging drives air out of the clay
  and makes it even.

### Common Traps
- Trap: A thicker wall dries faster. Reality: A thicker wall dries more slowly, and cracks if it is hurried.
- **Trap:** Glaze sticks to any surface.
  **Reality:** Glaze runs off a surface that was touched with oily hands.
- A trap without its second half

### Confusing Pairs
- Slip vs Slurry: slip is smooth and used to decorate, slurry is used to join pieces

## Domain 2: Practice (40%)

### Scenario Tips
1. Question: A pot cracks while it dries. What helps? Answer: Dry it under a cloth. Distractor: Put it into the sun.
2. Question: A lid sticks after the firing. What was forgotten?
   Answer: Wax on the rim.
   Distractor: A second firing.

### Last-Minute Facts
* `cone 6` is about 1220 degrees
"""

PLAIN = """\
1. PRACTICE \u2014 40 % of the exam

COMMON TRAPS

Trap: The kiln may be opened at 300 degrees.
Reality: Open it below 100 degrees, else the glaze crazes.

Trap: Every clay shrinks alike.

Reality: Shrinkage differs from clay to clay.

SCENARIO TIPS

Q: Bubbles appear in the glaze. What should be changed?
A: Fire more slowly.
Tempting: Use a thicker coat.

2. CLAY & BASICS \u2014 60 % of the exam

MUST-KNOW FACTS

Earthenware stays porous unless it is glazed.

Bone-dry clay is called greenware.

CONFUSING PAIRS

Bisque versus glost \u2014 the first firing without glaze and the second one with it

LAST-MINUTE FACTS

\u2022 Wet hands, dry tools.

Glossary

A line that stands under a heading nobody knows.
"""
