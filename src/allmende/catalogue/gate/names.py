"""First names that are common in Germany, to know a column of people by. Only a sample: enough of a column has one."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIRST_NAMES = _words(
    "agnieszka ahmed aisha alexander alexandra ali alina amelie amir anastasia andrea andreas angelika anja "
    "anke anna anne annett annette anton antonia astrid ayse barbara beate ben benjamin bernd bettina birgit "
    "björn brigitte carla carolin carsten charlotte chris christa christian christiane christina christine "
    "christoph clara claudia cornelia dagmar daniel daniela david dennis detlef dieter dirk dmitri dominik "
    "doris edith elena elias elif elisabeth elke ella ellen emil emilia emily emma emre erik erika eva fabian "
    "fatima felix finn florian frank franz franziska frieda friedrich gabriele georg gerd gerhard gisela greta "
    "günter günther hanna hannah hannelore hans harald hassan heidi heike heinrich heinz helga helmut henri "
    "henry herbert hermann holger horst ibrahim ida ilse ines inge ingrid irene irina iris isabell ivan jan "
    "jana jannik jens joachim johann johanna johannes jonas jonathan josef judith julia julian jutta jürgen "
    "kai karin karl karla karsten katarzyna katharina kathrin katja katrin kerstin kevin klara klaus kristin "
    "krzysztof kurt lara laura lea lena leni leo leon leonie lia lina linda lisa lothar louis luca luis luisa "
    "lukas manfred manuela marcel marco maria marie marina mario marion markus marlene martha martin martina "
    "mathilda matthias max maximilian mehmet melanie mia michael michaela mila mohammed monika moritz mustafa "
    "nadine natalia nele nico nicole nils nina noah nora norbert olaf olga oliver omar oskar paul paula peter "
    "petra philipp pia piotr rainer ralf ramona regina reinhard renate rita robert roland rolf rosemarie ruth "
    "rüdiger sabine sabrina samuel sandra sara sarah sebastian sergej silke silvia simon simone sonja sophia "
    "sophie stefan stefanie steffen stephan susanne sven svetlana tanja tatjana theo theresa thomas thorsten "
    "till tim tina tobias tom torsten ulrich ulrike ursula ute uwe valentin vera verena veronika vladimir "
    "volker waltraud werner wiebke wilhelm wolfgang yusuf yvonne "
)
