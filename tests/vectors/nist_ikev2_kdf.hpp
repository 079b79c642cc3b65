// NIST CAVP/ACVP, SP 800-135 IKEv2 key derivation. Public domain (US government work). The nonces
// are shorter than IKEv2 allows in places: these are vectors of the functions, not of an exchange.
#pragma once

#include <array>
#include <string_view>

#include "wire/registry.hpp"

namespace xfrmd::vectors {

/// All fields are hexadecimal. `keymat` is what prf+ yields for an IKE SA: SK_d | SK_ai | ...;
/// the last four are empty where the case has none.
struct NistIkev2Kdf {
    wire::PrfId prf;
    std::string_view nonce_i, nonce_r, spi_i, spi_r;
    std::string_view shared_secret, skeyseed, keymat;
    std::string_view new_shared_secret;  ///< of a rekeying, or of a child with PFS
    std::string_view child_keymat;       ///< prf+(SK_d, Ni | Nr)
    std::string_view child_keymat_pfs;   ///< prf+(SK_d, g^ir (new) | Ni | Nr)
    std::string_view rekeyed_skeyseed;   ///< prf(SK_d, g^ir (new) | Ni | Nr)
};

inline constexpr std::array<NistIkev2Kdf, 7> nist_ikev2_kdf{{
    {
        .prf = wire::PrfId::hmac_sha2_256,
        .nonce_i = "ed80dc79912c32a9",
        .nonce_r = "35fb6d1a3feac078",
        .spi_i = "47c1858efc932ea4",
        .spi_r = "606fd05609624002",
        .shared_secret =
            "42968e5d0ccc3cfc5a3e4bc1bba370cea1fae0d54c49ccba34b2bee804beeb2e9e8c57a4e01bd451"
            "02cf2433aacc6cfec06792f363e5170e6aa6650274e906648e449d27a8f00b5b44261982c9835c74"
            "8a751ec5138eaacc5e025661339538a61bf418e454699e19c32db8d9ce5dd86b220f1e89afc5872e"
            "68be36cb1a0c8866",
        .skeyseed = "37fde90b81d63692620f67367b62092e3efdc6a03509137d731004767ff35010",
        .keymat = "63d018a08f7a29daa7d1f92cb63f45fa39bbaf5e5f1a78139613bb891e3e6bf9d0448f7c74e05b4c"
                  "1a25c0b61e62c875e852f287e192d4ae536112db5197216400bd5e123470efc15f53161865fe8b19"
                  "a1416518a157d651ecd2caddab6a9eae6a27a55af088218d5156edaa9789f934d9836ed43edffda5"
                  "53822202ff9f7d4860ca72e0",
        .new_shared_secret = "",
        .child_keymat = "",
        .child_keymat_pfs = "",
        .rekeyed_skeyseed = "",
    },
    {
        .prf = wire::PrfId::hmac_sha2_256,
        .nonce_i =
            "efa72913182278ffbd14e78920c062519abab8c16e5ed70c0841a48cdb98237ee93f735fb2df1843"
            "58aadc13d83f43fe8d8705176c8ca313825a1bcdf77911c598001671ffbf014e37a8c04d49a7839d"
            "fea6cdc587688d4588fe43235b71693ffd07293386b6bf4c199e336165b260787736f54be95db691"
            "16388bc2eca2b3b29484717417bb3c71814ce13b84446dc3964c302984f97781f63166240890107c"
            "2e751a00436f7c3c9ff12760e49d91563be603fd9641a0a64918a93291ed113db12f9707609d1720"
            "96eb58f9154474da40c1f5c0903e9ca2f91ba6600775df7166caf8e327859e676232d34046044cee"
            "43f9019f04685612635b99cbebcb363d",
        .nonce_r =
            "565eaf0e547eecb941c994dfd471ed5643c087744f7709cc3e2510f27426c62c0ff3acb3c27661d2"
            "6a6d83c2a25e13a6d465bd047f905500e5ebbe4266430d5667140f77e797712a8c8f63c583f4b464"
            "9b72899ea34abfdb17617c460c35f2506494494f223e251ac71a5b9b7eea87f4f5e333a3c1bbb4bb"
            "09258b6a4b5f8c9fb82bf42da9d4a46543c6a9eb9aa30ea9da801915abcc1712d082f292a63fd9af"
            "7154a97cc73859a4be3cba359d3218004e14df02d09edf0ad5796bb010995293ab5d042c31055380"
            "cc9cb2e3617982c45f6bce1fb8a40ef9eac48ae17720dfecc71ec857ea33f32eb346ba6036e8f9cc"
            "d7bcadc6c1ab92a80c57e78959d8b828",
        .spi_i = "57e91df9c5ffb842",
        .spi_r = "4d5eadac0e570f7c",
        .shared_secret =
            "b070208f8947df4f7d1276161f407f7b7f5c4a49ac79f0cc0c7d4e28484c6f8584f0007b9bf0e05f"
            "db5961a17d3aa85c6e3f5571296a43ba896cdc88c1a4457fb12cbe56ca4a20c9a7e19adc67453c4a"
            "de539e259f825ff94c9a83f839602f8651c9276d8e444ecb95a0540ee7ea3220a922345ed99ef7e7"
            "ad32b19d4610e9ef",
        .skeyseed = "29bd115568ae0988270fc386d395fe3707a4d06289f352bba4c00a9ad855a08d",
        .keymat = "d5033d087934c61538b23dff875b3ba920e05c1b42ac7f9793995e76ba3e461d6e83b2fbe0fa681b"
                  "a285696d53b175e070c4c1cbc74043f7cac558c494acd23aabfc7a685b6274134408cafc1692852a"
                  "ca663cefd7dd0c8a872a36a1414db4b7f314ad0e49f2c187162e2876c6053dbef5a2ea8c33dcd3dd"
                  "91687644377c45f4b5c418e1e10bec22baac313b902bdffcfb69c68ef4e71c5acc39a9f07acb1fc3"
                  "ba8e92c6dca861a64163b0689da4a97f124026360990c9f1ae4e8d0298f077fcbb0c203fd2ca821d"
                  "eab0591a221d9d0a798d02f078d8fb6e931ca446a13f11638c6b6afb8225a008f938a6878c5b577e"
                  "03aecfa7314101edd0fda3bdbea4985c",
        .new_shared_secret = "",
        .child_keymat = "",
        .child_keymat_pfs = "",
        .rekeyed_skeyseed = "",
    },
    {
        .prf = wire::PrfId::hmac_sha2_384,
        .nonce_i = "d672b0bc852829b9",
        .nonce_r = "3509f3b724706364",
        .spi_i = "0f9a016d7b22223c",
        .spi_r = "85f710daf8b982d8",
        .shared_secret =
            "4df040b70978629c49437cff41a0d46cbea68c8d75b370ffc11d7b387144ea83bb5903fbb92e473d"
            "f50a9b19ea43e9c2f3da9a849c03864276c6f264ecf02a60d40ba65c06656b633f02a87427e928eb"
            "66a2dabd9dc05744717bcaf7ae78c296872f5c48d1a8120c2155b70c565ce271998e3e44af263d48"
            "7ea3ba7f56132d7d",
        .skeyseed =
            "54436a9ea95d6ff79b967f4b07f6de976a376e8ea26aa9574709afc60243c9c141da4ca0e158e627"
            "a75ea87f6feb07ef",
        .keymat = "10b00a654643b3b985764f86e23ef62431122fcc96de16e338a372bee49391db1f83a7358c080380"
                  "abbf4af47cdb83b9530343168f7dbc9221260e1546c6b383e2235d2705a727f0b41aebf6a1b4c61c"
                  "b460660152a17ba74c20d5191ba6841794945270d829587b7f3294639ea7b77149e1d07230ac16e0"
                  "cd5ab236fa3212bd569ee70f",
        .new_shared_secret = "",
        .child_keymat = "",
        .child_keymat_pfs = "",
        .rekeyed_skeyseed = "",
    },
    {
        .prf = wire::PrfId::hmac_sha2_384,
        .nonce_i =
            "9e2a62f9362893ddf84716fec2f23f9dcbd9010df6fe9e0eb46d03d914f304d8fe4d3ee2d6a03b40"
            "e56a325e822a17361929184ade09eaa445278d3870417a7cf565584f572ad34ff72bc7781a39a48b"
            "54b55d6eb0ed68551b222c7afada0bc82236ec31ce6c046b3b2edb2def61f4d2d857b2d1cb3696c0"
            "23e08c08d6abd04d4f69092b14583735b9e918aee5a3999dcbf58fdad6fcd47c95929877030e54b7"
            "08235f2a2e11e7c58584619aa2fa69315344d3657b55720a25ebe88ea0776972c9e22469b7ed5da9"
            "6b3c7685f7b0569960bd644f130b44a0d551bb0e902ed68ab384fdc2facaf79bbf8d6d3736dfa952"
            "cd70f4746f1a4aeac2bdbeca97b78fc1",
        .nonce_r =
            "777878c12859433552a77d7f942e5b60476991a1e3d0427cd677345a1ce2063a2e0ec547a9d821da"
            "759f1a91b58817bd0dc4effc126f6f4eb0b911e904ed21dc439d658a773f97e179ad20bc3c63609f"
            "2874062e835f6ae08d59654f9c8861e527039eeac32b9eed293bd8b1e0e7c67bf1d755246a1b063f"
            "f00632a46dd5cf6948f0eed9b65c5939dfd21480a63df0cab0a7509c4245a1be7547ccc6f73c724b"
            "48b7867012e0ca3e472e0d550649a734440feffc8e73682cb60453e7a47e72fe0874eb40acd0d48e"
            "4e57197416112bcdc8bb7a58bea745fdd64c16f666c88d9e3bd235b137206f6cdba190be65ec033c"
            "191f676b428ec1205dc5e945828508d8",
        .spi_i = "6fd4bc625402aa68",
        .spi_r = "5f60725efdb42596",
        .shared_secret =
            "ae505082ac47ff9aa354b7af2b072cb49cec838d00ee3613881a9977b2159599a02495f0e52d961a"
            "516c6bb61ed03a8637bb507c5c27bab58df154e8e5014821840cfc50b3a478b45dd168eb180d69cb"
            "a61a1b4259193a51a7a495c95805382e3abf5587688f34b63f71163982de3ddf7f263bb69f65c3ec"
            "ae6165bf7fdd5317",
        .skeyseed =
            "ff66e9d092dc01e0b81f939f52f5c07d38d805b98628ce1ac5fe94c098577647339fad68941ffe21"
            "e01efb4e7050213b",
        .keymat = "2810288a45a502211feade9943b4224a3f54cf97f191b621d80a19f3f1b0366d5ed73d195b732a15"
                  "b599051a13b7c584175521e3a97cdb220c8924b0ec234a942e0579675f193926ab332970585553e2"
                  "30e3429c6e8ba71b9374bd4a8df969456840527f2cf635392be9c17ca8474cf01b332b8108b54c48"
                  "aafc86ac4cfce7058ee114540e5a1b952201ee3d0ac9d3e33f01807584339ac3f43ccdd395c58bb3"
                  "f4a4cc5c57871ea1d3eaa8d0302bb308d1d203af13147e87ab2b9159ae361ec011d673fe3f162b39"
                  "89da3488d8ffea2b51e7465faddca67d1d54c8940a8ab62e8abe4145cb25159125950119e3c01a81"
                  "3575f0a959b143bc31f62b4734aa45e2",
        .new_shared_secret = "",
        .child_keymat = "",
        .child_keymat_pfs = "",
        .rekeyed_skeyseed = "",
    },
    {
        .prf = wire::PrfId::hmac_sha2_512,
        .nonce_i = "df7931db9b429e10",
        .nonce_r = "b8aa8e4d46042393",
        .spi_i = "9ba40af9157f4792",
        .spi_r = "5383c7cd3d1046e6",
        .shared_secret =
            "1e3b007d2da913ca60ecc98c25a22db08073d5c35c11b2524b298a922b6abfe6acf7359db66ae5f8"
            "5d67aacff686419cd8666d05ae7977cefad7f54dd8e312a8e8e5e0370f88142fbdd659dd6fde22bd"
            "d531f5402881a8de85c1024e595ec93c575618af7fd3dbac7982919078d71cc13eff1910a032750e"
            "1ff428675de189ee",
        .skeyseed =
            "daf9bd6f2f912da553867966af386e67909a8df0ca7e84b83b355cb7d7f1026f17d8ea34b5d57fd0"
            "d1ba389528fca1e81d1c8ce511b28a2458241143fee30ccc",
        .keymat = "919a75deaeccbd393bebc89615f8a215edb7073b2319d86740221eee7a2deb92509044d7e61fcb1b"
                  "f9676b3881c7ced49e6bba1549da3113601677a2445d91ac13a597335782dd3a9cf496d9e19b932f"
                  "27dd35e36f8070d232d0a3b3f4c4a0b4ba4470778dc090f31f52ab1b6d81e4c7dfb35063ad96c327"
                  "adcdbde714cc9a6b5ef049b8",
        .new_shared_secret = "",
        .child_keymat = "",
        .child_keymat_pfs = "",
        .rekeyed_skeyseed = "",
    },
    {
        .prf = wire::PrfId::hmac_sha2_512,
        .nonce_i =
            "d89684e3cb17f3aabd853a78db3ecd5aacc1ed71c70b88a29756f46fc7197c804ec001544002a8ae"
            "a360684b18006def0dbd8633b1019fbcfa85b94cac2bb8212584be62adab0ee4bb8a36aee25275ef"
            "071390480eefa2092eb308aa7337c5ceb6069ab690e8962fbfe0986e4f5c18f486861ed3f1dcbee4"
            "c9e4a7669d740ca2b0e8ed4031b0a499dc315cede7ef03399cbc33dcd62970349f1220881b55452e"
            "0c6c9b52a88b67f597586795b22570733fd4ff2cc2ad931d8330165a9e450e388859ce624f01db17"
            "c2502b4e66adf96527363d6f906b2023e8ed74d5af0aa60246b0b92f49c4933ef312f8a25434ee96"
            "98d6d9204345bd10bb11aa39865616d5",
        .nonce_r =
            "ad1b5744706cfd4ea1408e20c8fdcf8551eee8814b7b37330b0526f0bc5ee15d4ecda7a1bd25aa97"
            "f24584d85d3f5249694b9f43539e69ea35bfe7fd4407bc8e9dca8a9fae4bdc6b7bb38c6d68f899e1"
            "d32c85bcd617a567678cf85d2217a4e86a755624b64002354c026842bc9542491af1c3d629097055"
            "9af11bdc2c83b54c74144905c0a358f3153db767a5da2a8627f69627e1d41ede9c907c79b51ff815"
            "e4645c3375e0f63f84fcf5d7c3407a1dd6839e1906a1e3802ccf5e8230d95cf4b827b41c483425a8"
            "a60bfa5189dac438060f2f5cd526662f2906c1dd64f4844e942ca84daece6dd7bbf7194d8ce56bc2"
            "831085a7d310e4944cfae76260aabf6b",
        .spi_i = "609d88789b8a1abf",
        .spi_r = "500186c3d97ed2ab",
        .shared_secret =
            "9cb4bf2446170ac381025266a1a4b86513df60ea7d07b1b2139d78f331ef7eb7be8b15d86cd85e2a"
            "6a34a55869f8dcc9754f49697331b9b650ce256edb3371a94b7c2a132f2fc99d22303717c36739d1"
            "7c0e9718d7c052e7ab4d4858adeb9b8b4d3303a9e1b6bef29f03035beed071d3bb810d853971a748"
            "c56c59e0bafb9b5a",
        .skeyseed =
            "e570e7484634300d7addf5a8527c138b7696dbc3d8be0969b75215318a11ada213538f6293b0eee5"
            "b309ad8f5d8d94dbe5736127e0d2560f281c9c586bf7c86f",
        .keymat = "987fadd804994567d57f989b6cda66efbffcab28ac3e3bc6107805954eb1ead0cea6fb49aa961cbe"
                  "98fdad57dd9c45567ce496747862f88bcd9fc57559a07ea927a42082ba87e0f51b3d5b8cbdeadded"
                  "a3ae4c73b1a51dd0dce3cc8eb3b1419b93f29dc6522b2f5e9375238203eca98ed86bf1e6868ab428"
                  "d863a5f3b987d6c0f957af08a1631f7cdc008cbbffc24b02931a020194e368d6b5702e7f8b960dbc"
                  "93ca56ed5a68dae0206994edf1476f5fa34efbdaa973d27ba368cedcc666d763bd6ad560573851bf"
                  "fb7099af588f34ff2e599b0e87f70a7f4aa48e951d0c5c30ddfc1f98c128631590cde00a7c93158d"
                  "bf4caa537b315931b714d72f4d2a01c9",
        .new_shared_secret = "",
        .child_keymat = "",
        .child_keymat_pfs = "",
        .rekeyed_skeyseed = "",
    },
    {
        .prf = wire::PrfId::hmac_sha1,
        .nonce_i = "32b50d5f4a3763f3",
        .nonce_r = "9206a04b26564cb1",
        .spi_i = "34c9e7c188868785",
        .spi_r = "3ff77d760d2b2199",
        .shared_secret = "4b2c1f971981a8ad8d0abeafabf38cf75fc8349c148142465ed9c8b516b8be52",
        .skeyseed = "a9a7b222b59f8f48645f28a1db5b5f5d7479cba7",
        .keymat = "a14293677cc80ff8f9cc0eee30d895da9d8f405666e30ef0dfcb63c634a46002a2a63080e514a062"
                  "768b76606f9fa5e992204fc5a670bde3f10d6b027113936a5c55b648a194ae587b0088d52204b702"
                  "c979fa280870d2ed41efa9c549fd11198af1670b143d384bd275c5f594cf266b05ebadca855e4249"
                  "520a441a81157435a7a56cc4",
        .new_shared_secret = "863f3c9d06efd39d2b907b97f8699e5dd5251ef64a2a176f36ee40c87d4f9330",
        .child_keymat =
            "8059e3ee8810e6c3a91bc8bcd2a7a41151b8d0e6ae239c7b38093ad85ef4c5811a8e7b5d1cdabd95"
            "60b2d5e092d1f24e2d4b85eccdf0ad0dc9abd94b51ee71814ca6dbc8bb51b6309f5b9545c7eb35cf"
            "5580b1e521a8fe20754a2d883ba0c2cf285f524aea6545b33106bc03e614296d319d41d4b50b3f51"
            "0b1c0a22f3e664994d234cb4",
        .child_keymat_pfs =
            "bb43244c1860ad65ee1e211ffe8bb3661750c8f89cb9f547df7f4fa61d37301628190e38c66232ea"
            "b4b3ab14c400a5197dd3730ed4820a8a10394d51e1c0400052f63ebd36b0e7ef53aaed31eba4a508"
            "0d7d4b5666023a8bbb5ffb7857240f9a05884d1b7d2f933708450b7b3288f1fc863ab49fa901227c"
            "ffc06e27899c7054d56fd74c",
        .rekeyed_skeyseed = "63e81194946ebd05df7df5ebf5d8750056bf1f1d",
    },
}};

}  // namespace xfrmd::vectors
